// The samples of published formats in ../shared/cases/datasets beside the checkout, as `init` finds them: skipped
// without them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "datasets/data/parquet_file.h"
#include "datasets/setup/config_draft.h"
#include "datasets/setup/dataset_text.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::real_data_dir;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path samples_folder() {
  return real_data_dir().empty() ? fs::path() : real_data_dir().parent_path() / "cases/datasets";
}

struct FoundSample {
  std::string folder;
  std::string format;
  std::vector<std::string> said = {};  ///< what the text for the terminal tells
  std::vector<std::string> answers = {};
  std::string below = {};  ///< the folder inside it that is given
};

std::vector<FoundSample> found_samples() {
  return {
      {"recbole", "recbole", {"user 01", "from 1 to 5", "title is column 2 (movie_title)"}},
      {"ml-100k", "movielens-100k", {"1 of 11 items have no genre or category, the first is 11"}},
      {"ml-10m", "movielens-10m", {"half stars", "from 0.5 to 5"}},
      {"ml-csv", "movielens-csv", {"1 of 10 items have no year in the title"}},
      {"amazon-2023-ratings", "amazon-2023-csv", {"2020-09-1"}},
      {"amazon-2023-history",
       "amazon-2023-csv",
       {"3 files of one split", "`history` repeats other lines", "a further part of the same"}},
      {"amazon-2018", "amazon-2018", {"1 of them at the same time", "B0FAKE0008", "page source"}},
      {"amazon-2014", "amazon-2014", {"B0FAKE0006", "no title", "times are whole days"}},
      {"amazon-ratings-csv", "amazon-2014-csv", {"column 1 is the user, because its ids begin with A"}, {}, "2014"},
      {"amazon-ratings-csv", "amazon-2018-csv", {"column 2 is the user, because its ids begin with A"}, {}, "2018"},
      {"yelp", "yelp", {"1 interaction of an item that the user had before"}},
      {"steam", "steam", {"no rating: every line counts", "times are whole days", "no item id"}},
      {"lastfm-1k", "lastfm-1k", {"5 lines of", "no item id", "newest first"}},
      {"gowalla", "gowalla", {"1 interaction of an item that the user had before", "newest first"}},
      {"lightgcn",
       "lightgcn",
       {"ids begin at 0", "user 5 has no items", "nothing in the file says that items are in order of time"}},
      {"sasrec-pairs", "pairs", {"column 1 is the user", "the order of lines is taken for the order of time"}},
      {"csv-pandas-index", "csv", {"column 1 has no name and counts up: an index, ignored", "no rating", "no time"}},
      {"csv-semicolon",
       "csv",
       {"ratings go to 10", "4 of 5 means 8 there", "decimal comma", "byte order mark", "CR and LF"}},
      {"csv-1970", "csv", {"January 1970", "31 of 37 neighbours"}, {"datasets.time_unit=s"}},
  };
}

std::vector<std::string> names_of(const json& files) {
  if (files.is_array()) return files.get<std::vector<std::string>>();
  return files.is_string() ? std::vector<std::string>{files.get<std::string>()} : std::vector<std::string>();
}

void check_files(const FoundDataset& found, const FoundSample& sample, const json& expected) {
  const fs::path folder = samples_folder() / sample.folder;
  std::map<std::string, std::string> taken_for;
  for (const FoundFile& file : found.files) taken_for[fs::relative(file.path, folder).string()] = file.taken_for;
  for (const std::string& name : names_of(expected["files"]["interactions"])) {
    if (sample.below.empty() || name.starts_with(sample.below)) CHECK(taken_for[name] == "interactions");
  }
  for (const std::string& name : names_of(expected["files"].value("items", json()))) CHECK(taken_for[name] == "items");
  for (const std::string& name : names_of(expected["files"].value("ignored", json())))
    CHECK(taken_for[name] == "not needed");
}

/// The columns of `csv` as they are found; those of the other formats are part of the format.
void check_columns(const DatasetOptions& options, const json& detect) {
  if (options.format != "csv") return;
  const ColumnOptions& columns = options.columns;
  const std::map<std::string, std::string> ours = {
      {"user", columns.user},   {"item", columns.item},     {"rating", columns.rating}, {"time", columns.time},
      {"title", columns.title}, {"genres", columns.genres}, {"year", columns.year}};
  for (const auto& [role, name] : detect["columns"].items()) {
    INFO(role);
    CHECK(ours.at(role) == name.get<std::string>());
  }
  if (detect.contains("separator")) CHECK(options.separator == detect["separator"].get<std::string>());
}

void check_counts(const DatasetSurvey& survey, const json& expected) {
  const PreprocessReport& all = survey.all;
  CHECK(all.users_read == expected["users"].get<int64_t>());
  CHECK(all.items_read == expected["items"].get<int64_t>());
  CHECK(all.ratings_read == expected["interactions"].get<int64_t>());
  CHECK(all.duplicates == expected["repeats"].get<int64_t>());
  int64_t dropped = 0;
  for (const DroppedLines& lines : all.dropped) dropped += lines.lines;
  CHECK(dropped == static_cast<int64_t>(expected["dropped"].size()));
  for (const json& line : expected["dropped"])
    CHECK(std::any_of(all.dropped.begin(), all.dropped.end(),
                      [&](const DroppedLines& lines) { return lines.file == line["file"]; }));
  const json& detect = expected["detect"].is_array() ? expected["detect"][0] : expected["detect"];
  if (!detect.contains("rating") || detect["rating"].is_null()) {
    CHECK_FALSE(all.ratings.has_value());
  } else {
    REQUIRE(all.ratings.has_value());
    CHECK(all.ratings->highest == detect["rating"][1].get<double>());
    CHECK(all.ratings->lowest >= detect["rating"][0].get<double>());
  }
}

void check_found(const FoundSample& sample) {
  const fs::path folder = samples_folder() / sample.folder;
  const json expected = json::parse(read_text(folder / "expect.json"));
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder / sample.below))
    if (entry.path().filename() != "expect.json") files.push_back(entry.path());
  const FoundDataset found = find_dataset(files, Answers(sample.answers));
  CHECK(found.options.format == sample.format);
  check_files(found, sample, expected);
  check_columns(found.options, expected["detect"].is_array() ? expected["detect"][0] : expected["detect"]);
  const DatasetSurvey survey = survey_dataset(found.options, {});
  check_counts(survey, expected);
  CHECK(survey.choice().users > 0);
  const std::string text = dataset_text(found, survey);
  for (const std::string& part : sample.said) CHECK_THAT(text, Contains(part));
}

}  // namespace

TEST_CASE("init finds the samples of published formats", "[cases][init]") {
  if (!fs::exists(samples_folder())) return;
  for (const FoundSample& sample : found_samples()) {
    INFO(sample.folder << " " << sample.below);
    CHECK_NOTHROW(check_found(sample));
  }
}

TEST_CASE("init asks about the samples that can be read in several ways", "[cases][init]") {
  if (!fs::exists(samples_folder())) return;
  const auto asked = [](const fs::path& file, const std::string& part) {
    CHECK_THROWS_WITH(find_dataset({samples_folder() / file}, Answers({})), Contains(part));
  };
  asked("csv-1970/ratings.csv", "datasets.time_unit=s");
  asked("csv-1970/ratings.csv", "datasets.time_unit=order");
  asked("csv-1970/ratings.csv", "January 1970");
  asked("redial/train_data.jsonl", "evaluate -c NAME conversations=");
}

TEST_CASE("init reads the sample in Parquet where Arrow is, and else says how to convert it", "[cases][init]") {
  if (!fs::exists(samples_folder())) return;
  const fs::path folder = samples_folder() / "rectools-parquet";
  if (kReadsParquet)
    check_found({"rectools-parquet", "csv", {"a table in Parquet"}});
  else
    CHECK_THROWS_WITH(find_dataset({folder / "interactions.parquet"}, Answers({})), Contains("read_parquet"));
}

TEST_CASE("no sample of the folder is left without a test", "[cases][init]") {
  if (!fs::exists(samples_folder())) return;
  const std::vector<FoundSample> tested = found_samples();
  for (const auto& entry : fs::directory_iterator(samples_folder())) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name == "redial" || name == "rectools-parquet") continue;
    INFO(name);
    CHECK(std::any_of(tested.begin(), tested.end(), [&](const FoundSample& sample) { return sample.folder == name; }));
  }
}
