// The samples of published formats in ../shared/cases/datasets beside the checkout: skipped without them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/util/error.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/parquet_file.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::real_data_dir;
using latentcrs::test::TempDir;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

fs::path datasets() { return real_data_dir().empty() ? fs::path() : real_data_dir().parent_path() / "cases/datasets"; }

struct ForeignSample {
  std::string folder, format, interactions, metadata = {};
  ColumnOptions columns = {};
  std::vector<std::string> said = {};  ///< parts of remarks, warnings and reasons of dropped lines
  std::string root = {};
  std::vector<std::string> parts = {};  ///< further files of the interactions
};

PreprocessJob job_of(const ForeignSample& sample, const TempDir& dir) {
  PreprocessJob job;
  job.dataset.dataset_name = "foreign";
  job.dataset.format = sample.format;
  job.dataset.features_name = "features.csv";
  job.dataset.min_rating = 0;
  job.dataset.min_interactions = 1;
  job.dataset.item_filter = ItemFilter::none;
  job.dataset.columns = sample.columns;
  job.dataset.root_category = sample.root;
  const fs::path folder = datasets() / sample.folder;
  job.interactions_path = folder / sample.interactions;
  for (const std::string& part : sample.parts) job.more_interactions.push_back(folder / part);
  if (!sample.metadata.empty()) job.metadata_path = folder / sample.metadata;
  job.output_folder = dir / "out";
  return job;
}

std::vector<ForeignSample> foreign_samples() {
  const ColumnOptions log = {.user = "customer", .item = "film_title", .rating = "score", .time = "watched_at"};
  const ColumnOptions sheet = {.user = "UserNr",
                               .item = "ItemNr",
                               .rating = "Rating",
                               .time = "Timestamp",
                               .title = "Name",
                               .genres = "Genres",
                               .year = "Year"};
  return {
      {"recbole", "recbole", "films.inter", "films.item", {}, {"1 of 36 neighbours"}},
      {"ml-csv", "movielens-csv", "ratings.csv", "movies.csv", {}, {"1 of 10 items have no year"}},
      {"ml-100k",
       "movielens-100k",
       "u.data",
       "u.item",
       {},
       {"1 of 11 items have no genre or category, the first is 11"}},
      {"ml-10m", "movielens-10m", "ratings.dat", "movies.dat"},
      {"amazon-2023-ratings", "amazon-2023-csv", "Oddments.csv.gz", "meta_Oddments.jsonl", {}, {}, "Oddments"},
      {"amazon-2018",
       "amazon-2018",
       "Oddments_5.json.gz",
       "meta_Oddments.json.gz",
       {},
       {"page source", "B0FAKE0008", "a further entry of an item"},
       "Oddments"},
      {"amazon-2014",
       "amazon-2014",
       "reviews_Oddments_5.json",
       "meta_Oddments.json",
       {},
       {"whole days", "1 of 10 items have no title, the first is B0FAKE0006"},
       "Oddments"},
      {"amazon-ratings-csv", "amazon-2014-csv", "2014/ratings_Oddments.csv", "", {}, {"user is column 1"}},
      {"amazon-ratings-csv", "amazon-2018-csv", "2018/Oddments.csv", "", {}, {"user is column 2"}},
      {"yelp", "yelp", "yelp_academic_dataset_review.json", "yelp_academic_dataset_business.json"},
      {"steam", "steam", "steam_reviews.json.gz", "steam_games.json.gz", {}, {"no rating", "whole days", "no item id"}},
      {"lastfm-1k",
       "lastfm-1k",
       "userid-timestamp-artid-artname-traid-traname.tsv",
       "userid-timestamp-artid-artname-traid-traname.tsv",
       {},
       {"no item id", "newest first", "no rating"}},
      {"gowalla", "gowalla", "loc-gowalla_totalCheckins.txt", "", {}, {"newest first", "no rating"}},
      {"sasrec-pairs", "pairs", "films.txt", "", {}, {"the order of lines"}},
      {"csv-pandas-index", "csv", "watch_log.csv", "", log, {"column 1 has no name", "no rating", "no time"}},
      {"amazon-2023-history",
       "amazon-2023-csv",
       "Oddments.train.csv",
       "",
       {},
       {},
       "",
       {"Oddments.valid.csv", "Oddments.test.csv"}},
      {"lightgcn",
       "lightgcn",
       "train.txt",
       "",
       {},
       {"nothing in the file says", "user 5 has no items", "ids begin at 0"},
       "",
       {"test.txt"}},
      {"csv-semicolon", "csv", "export.csv", "items.tsv", sheet, {}},
  };
}

/// The items of a raw user, as raw ids, in the order of the result.
std::vector<std::string> items_of(const std::string& user, const fs::path& folder, std::map<std::string, int>& ids) {
  const json users = json::parse(read_text(folder / "user_id2model_id.json"));
  ids = json::parse(read_text(folder / "item_id2model_id.json")).get<std::map<std::string, int>>();
  std::map<int, std::string> raw;
  for (const auto& [text, id] : ids) raw[id] = text;
  std::istringstream lines(read_text(folder / "foreign.csv"));
  std::vector<std::string> items;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    int id = 0;
    fields >> id;
    if (!users.contains(user) || id != users[user].get<int>()) continue;
    while (fields >> id) items.push_back(raw.at(id));
  }
  return items;
}

void check_item(const json& expected, const ItemCatalogue& items, const std::map<std::string, int>& ids) {
  const auto id = ids.find(expected["id"].get<std::string>());
  INFO(expected);
  REQUIRE(id != ids.end());
  const Item& item = items.at(id->second);
  CHECK(item.title == expected["title"].get<std::string>());
  CHECK(item.year == expected["year"].get<int>());
  CHECK(item.facets == expected["genres"].get<std::vector<std::string>>());
}

std::string all_said(const PreprocessReport& report) {
  std::string text;
  for (const std::string& line : report.remarks) text += line + "\n";
  for (const std::string& line : report.warnings) text += line + "\n";
  for (const DroppedLines& lines : report.dropped) text += lines.reason + "\n";
  return text;
}

void check_foreign(const ForeignSample& sample) {
  const json expected = json::parse(read_text(datasets() / sample.folder / "expect.json"));
  const TempDir dir;
  const PreprocessJob job = job_of(sample, dir);
  const PreprocessReport report = preprocess(job);
  CHECK(report.users_read == expected["users"].get<int>());
  CHECK(report.items_read == expected["items"].get<int>());
  CHECK(report.ratings_read == expected["interactions"].get<int>());
  CHECK(report.duplicates == expected["repeats"].get<int>());
  for (const std::string& part : sample.said) CHECK_THAT(all_said(report), Contains(part));
  std::map<std::string, int> ids;
  CHECK(items_of(expected["user"]["id"], job.output_folder, ids) ==
        expected["user"]["items"].get<std::vector<std::string>>());
  for (const json& dropped : expected["dropped"]) {
    CHECK(std::any_of(report.dropped.begin(), report.dropped.end(), [&](const DroppedLines& lines) {
      return lines.file == dropped["file"] && lines.first_line <= dropped["line"];
    }));
  }
  int64_t dropped = 0;
  for (const DroppedLines& lines : report.dropped) dropped += lines.lines;
  CHECK(dropped == static_cast<int64_t>(expected["dropped"].size()));
  if (sample.metadata.empty()) return;
  const ItemCatalogue items = read_item_catalogue(job.output_folder / "features.csv", job.dataset);
  check_item(expected["item"], items, ids);
  if (expected.contains("more_items")) {
    for (const json& item : expected["more_items"]) check_item(item, items, ids);
  }
}

}  // namespace

TEST_CASE("samples of published formats are read as expected", "[cases]") {
  if (!fs::exists(datasets())) return;
  for (const ForeignSample& sample : foreign_samples()) {
    INFO(sample.folder << " as " << sample.format);
    CHECK_NOTHROW(check_foreign(sample));
  }
}

TEST_CASE("samples that are refused", "[cases]") {
  if (!fs::exists(datasets())) return;
  const auto refused = [](const ForeignSample& sample, const std::string& part) {
    INFO(sample.folder << " as " << sample.format);
    const TempDir dir;
    CHECK_THROWS_WITH(preprocess(job_of(sample, dir)), Contains(part));
  };
  refused({"csv-1970", "csv", "ratings.csv"}, "January 1970");
  if (!kReadsParquet) refused({"rectools-parquet", "csv", "interactions.parquet"}, "read_parquet");
  refused({"redial", "amazon-2018", "train_data.jsonl"}, "dialogues");
  refused({"redial", "csv", ""}, "is a folder");
  refused({"sasrec-pairs", "sequences", "films.txt"}, "datasets.format=pairs");
  refused({"steam", "amazon", "steam_reviews.json.gz", "steam_games.json.gz"}, "Python literal");
  refused({"amazon-ratings-csv", "amazon-2018-csv", "2014/ratings_Oddments.csv"}, "begin with A");
}
