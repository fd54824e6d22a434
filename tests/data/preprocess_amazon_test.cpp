#include <fmt/format.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

PreprocessJob amazon(TempDir& dir) {
  PreprocessJob job;
  job.dataset.dataset_name = "cds";
  job.dataset.format = "amazon";
  job.dataset.features_name = "CDs_features.csv";
  job.dataset.id_column = "CDsID";
  job.dataset.min_interactions = 3;
  job.interactions_path = dir / "CDs.jsonl";
  job.metadata_path = dir / "meta.jsonl";
  job.output_folder = dir / "out";
  return job;
}

std::string review(const std::string& user, const std::string& item, int time, const std::string& rating = "5.0") {
  return fmt::format(
      "{{\"rating\": {}, \"title\": \"t\", \"images\": [{{\"a\": 1}}], \"asin\": \"v-{}\", \"parent_asin\": "
      "\"{}\", \"user_id\": \"{}\", \"timestamp\": {}, \"verified_purchase\": true}}\n",
      rating, item, item, user, time);
}

std::string entry(const std::string& item, const std::string& description = "[\"about it\"]") {
  return fmt::format(
      "{{\"main_category\": null, \"title\": \"Title {0}\", \"features\": [\"f\", \"g\"], \"description\": "
      "{1}, \"categories\": [\"CDs & Vinyl\", \"Pop\"], \"details\": {{\"x\": [1, 2]}}, \"parent_asin\": "
      "\"{0}\"}}\n",
      item, description);
}

/// Three users who like all of a, b, c.
std::string core() {
  std::string lines;
  for (const char* user : {"U2", "U1", "U3"}) {
    lines += review(user, "b", 20) + review(user, "a", 30) + review(user, "c", 10);
  }
  return lines;
}

const std::string kEntries = entry("c") + entry("a") + entry("b");

PreprocessReport run(TempDir& dir, const std::string& reviews, const std::string& metadata) {
  write_text(dir / "CDs.jsonl", reviews);
  write_text(dir / "meta.jsonl", metadata);
  return preprocess(amazon(dir));
}

void append_gzip(const fs::path& path, const std::string& contents) {
  gzFile file = gzopen(path.c_str(), "ab");
  REQUIRE(gzwrite(file, contents.data(), static_cast<unsigned>(contents.size())) == static_cast<int>(contents.size()));
  REQUIRE(gzclose(file) == Z_OK);
}

}  // namespace

TEST_CASE("Amazon: ids, order and files", "[preprocess]") {
  TempDir dir;
  // U0 comes first in the file but has too few ratings; x is liked by one user only; the 3.9 does not count.
  const PreprocessReport report = run(
      dir, review("U0", "a", 1) + core() + review("U1", "x", 5) + review("U1", "b", 31, "3.9") + review("U1", "b", 30),
      kEntries + entry("unseen") + entry("a"));
  CHECK(read_text(dir / "out/cds.csv") == "1\t1 2 3\n2\t1 2 3 2\n3\t1 2 3\n");
  CHECK(read_text(dir / "out/user_id2model_id.json") == R"({"U2": 1, "U1": 2, "U3": 3})");
  CHECK(read_text(dir / "out/item_id2model_id.json") == R"({"c": 1, "b": 2, "a": 3})");
  CHECK(read_text(dir / "out/CDs_features.csv") ==
        "CDsID\trawID\ttitle\tmain_category\tcategories\tdescription\n1\tc\tTitle c\t\tCDs & Vinyl,Pop\tabout it\n"
        "3\ta\tTitle a\t\tCDs & Vinyl,Pop\tabout it\n2\tb\tTitle b\t\tCDs & Vinyl,Pop\tabout it\n");
  CHECK(nlohmann::json::parse(read_text(dir / "out/dataset_report.json")) == report.to_json());
  CHECK(report.users_read == 4);
  CHECK(report.items_read == 4);
  CHECK(report.ratings_read == 13);
  CHECK(report.ratings_kept == 12);
  CHECK(report.items_without_metadata == 1);
  CHECK(report.interactions_without_metadata == 1);
  CHECK(report.metadata_duplicates == 1);
  CHECK(report.users == 3);
  CHECK(report.items == 3);
  CHECK(report.interactions == 10);
  CHECK(report.time_ties == 1);
  CHECK(report.duplicates == 1);
  CHECK(report.feature_rows == 3);
}

TEST_CASE("Amazon: compat joins on asin", "[preprocess]") {
  TempDir dir;
  write_text(dir / "CDs.jsonl", core());
  write_text(dir / "meta.jsonl", kEntries);
  PreprocessJob job = amazon(dir);
  job.compat.reviews_by_asin = true;
  job.dataset.item_filter = ItemFilter::none;
  preprocess(job);
  CHECK(read_text(dir / "out/item_id2model_id.json") == R"({"v-c": 1, "v-b": 2, "v-a": 3})");
  CHECK(read_text(dir / "out/CDs_features.csv") == "CDsID\trawID\ttitle\tmain_category\tcategories\tdescription\n");
  job.dataset.item_filter = ItemFilter::metadata;
  CHECK_THROWS_WITH(preprocess(job), Contains("cds: no user is left"));
}

TEST_CASE("Amazon: features column, quoting, odd descriptions", "[preprocess]") {
  TempDir dir;
  write_text(dir / "CDs.jsonl", core());
  write_text(dir / "meta.jsonl", entry("c", "[null]") + entry("a", R"(["say \"hi\"\tnow\nor never", "second"])") +
                                     entry("b", R"(["carriage\rreturn"])"));
  PreprocessJob job = amazon(dir);
  job.dataset.with_features_column = true;
  preprocess(job);
  CHECK(read_text(dir / "out/CDs_features.csv") ==
        "CDsID\trawID\ttitle\tmain_category\tcategories\tdescription\tfeatures\n"
        "1\tc\tTitle c\t\tCDs & Vinyl,Pop\t\tf,g\n"
        "3\ta\tTitle a\t\tCDs & Vinyl,Pop\t\"say \"\"hi\"\"\tnow\nor never\"\tf,g\n"
        "2\tb\tTitle b\t\tCDs & Vinyl,Pop\t\"carriage\rreturn\"\tf,g\n");
  const ItemCatalogue items = read_item_catalogue(dir / "out/CDs_features.csv", job.dataset);
  CHECK(items.at(3).description == "say \"hi\"\tnow\nor never");
}

TEST_CASE("Amazon: what an item must have, before or after the k-core", "[preprocess]") {
  TempDir dir;
  // Item d has no entry, item c no description. U4 likes a, b, d; everyone else a, b, c.
  const std::string reviews = core() + review("U4", "a", 1) + review("U4", "d", 2) + review("U4", "b", 3) +
                              review("U1", "d", 40) + review("U3", "d", 40);
  write_text(dir / "CDs.jsonl", reviews);
  write_text(dir / "meta.jsonl", entry("a") + entry("b") + entry("c", R"([" ", "second"])"));
  PreprocessJob job = amazon(dir);
  job.dataset.item_filter = ItemFilter::none;
  CHECK(preprocess(job).users == 4);

  job.dataset.item_filter = ItemFilter::metadata;
  PreprocessReport report = preprocess(job);  // U4 keeps a and b only and fails the k-core
  CHECK(report.users == 3);
  CHECK(report.users_shortened == 0);
  CHECK(report.items_without_metadata == 1);
  CHECK(report.interactions_without_metadata == 3);
  CHECK(read_text(dir / "out/cds.csv") == "1\t1 2 3\n2\t1 2 3\n3\t1 2 3\n");

  job.dataset.item_filter_time = FilterTime::after_kcore;
  report = preprocess(job);  // U4 passes the k-core and is shortened to two items
  CHECK(report.users == 3);
  CHECK(report.users_shortened == 1);
  REQUIRE(report.kcore_passes.size() == 1);
  CHECK(report.kcore_passes[0].users == 4);
  CHECK(report.kcore_passes[0].items == 4);
  CHECK(report.kcore_passes[0].interactions == 14);
  CHECK(read_text(dir / "out/user_id2model_id.json") == R"({"U2": 1, "U1": 2, "U3": 3, "U4": 4})");

  job.dataset.item_filter = ItemFilter::description;
  CHECK_THROWS_WITH(preprocess(job), Contains("no user is left"));
}

TEST_CASE("Amazon: the k-core runs to its fixed point, or for ten passes", "[preprocess]") {
  TempDir dir;
  // A chain: user k likes items k, k+1 and k+2. All items but the outermost have three users; each pass takes these and
  // with them their users, until nothing of the chain is left. What `core` says stays.
  std::string reviews = core();
  std::string metadata = kEntries;
  for (int user = 0; user < 60; ++user) {
    for (int item = user; item < user + 3; ++item)
      reviews += review(fmt::format("chain{}", user), fmt::format("i{}", item), item);
  }
  for (int item = 0; item < 62; ++item) metadata += entry(fmt::format("i{}", item));
  const PreprocessReport report = run(dir, reviews, metadata);
  CHECK(report.users == 3);
  REQUIRE(report.kcore_passes.size() > 10);
  CHECK(report.kcore_passes.back().users == 3);
  CHECK(report.kcore_passes[report.kcore_passes.size() - 2].interactions == report.kcore_passes.back().interactions);

  PreprocessJob job = amazon(dir);
  job.compat.ten_kcore_passes = true;
  const PreprocessReport ten = preprocess(job);
  REQUIRE(ten.kcore_passes.size() == 10);
  CHECK(ten.users > 3);
  for (size_t pass = 0; pass < 10; ++pass) CHECK(ten.kcore_passes[pass].users == report.kcore_passes[pass].users);

  write_text(dir / "CDs.jsonl", core());
  CHECK(preprocess(job).kcore_passes.size() == 10);
}

TEST_CASE("Amazon: malformed lines are counted", "[preprocess]") {
  TempDir dir;
  const PreprocessReport report =
      run(dir,
          "{\"rating\": 5.0, \"asin\": \"a\n" + core() + "[1, 2]\n\n" + "{\"rating\": 4.0.0}\n" +
              review("U1", "a", 3).substr(0, 100) + " {}}\n" + review("U9", "a", 1),
          kEntries + "nonsense\n" + entry("q"));
  CHECK(report.users_read == 4);
  CHECK(report.interactions_file.lines == 15);
  REQUIRE(report.interactions_file.malformed == 4);
  CHECK(report.interactions_file.first[0].number == 1);
  CHECK_THAT(report.interactions_file.first[0].reason, Contains("not a JSON object"));
  CHECK(report.metadata_file.malformed == 1);
  CHECK(report.metadata_file.first[0].number == 4);
}

TEST_CASE("Amazon: two objects on a line are not half read", "[preprocess]") {
  TempDir dir;
  std::string two = review("U1", "a", 3);
  two.back() = ' ';
  const PreprocessReport report = run(dir, core() + two + review("U8", "a", 3) + review("U9", "a", 1), kEntries);
  CHECK(report.interactions_file.malformed == 1);
  CHECK(report.users_read == 4);
}

TEST_CASE("Amazon: wrong input is one clear error and leaves no output", "[preprocess]") {
  TempDir dir;
  const auto fails = [&](const std::string& line, const std::string& message) {
    INFO(line);
    CHECK_THROWS_WITH(run(dir, core() + line, kEntries), Contains(message));
    CHECK_FALSE(fs::exists(dir / "out"));
  };
  fails(review("u", "a", 1, "-1"), "CDs.jsonl:10: rating -1 is outside [0, 5]");
  fails(review("u", "a", 1, "5.01"), "CDs.jsonl:10: rating 5.01 is outside [0, 5]");
  fails(review("u", "a", 1, "NaN"), "CDs.jsonl:10: \"rating\" must be a number, not NaN");
  fails(review("u", "a", 1, "\"5\""), "CDs.jsonl:10: \"rating\" must be a number, not \"5\"");
  fails(review("u", "a", 1, "null"), "CDs.jsonl:10: \"rating\" must be a number, not null");
  fails(R"({"rating": 5, "parent_asin": "a", "user_id": "u", "timestamp": "now"})"
        "\n",
        "CDs.jsonl:10: \"timestamp\" must be a whole number, not \"now\"");
  fails(R"({"rating": 5, "parent_asin": "a", "user_id": "u", "timestamp": 1.5})"
        "\n",
        "CDs.jsonl:10: \"timestamp\" must be a whole number, not 1.5");
  fails(R"({"rating": 5, "parent_asin": "a", "user_id": 3, "timestamp": 1})"
        "\n",
        "CDs.jsonl:10: \"user_id\" must be a text, not 3");
  fails(R"({"rating": 5, "parent_asin": "a", "timestamp": 1})"
        "\n",
        "CDs.jsonl:10: no field \"user_id\"; expected Amazon Reviews 2023 reviews");
  fails(R"({"rating": 5, "asin": "a", "user_id": "u", "timestamp": 1})"
        "\n",
        "CDs.jsonl:10: no field \"parent_asin\"");
  fails(R"({"parent_asin": "a", "user_id": "u", "timestamp": 1})"
        "\n",
        "CDs.jsonl:10: no field \"rating\"");
  fails(R"({"rating": 5, "parent_asin": "a", "user_id": "u"})"
        "\n",
        "CDs.jsonl:10: no field \"timestamp\"");
  fails(review("caf\xE9", "a", 1), "CDs.jsonl:10: the line is not UTF-8");
  fails(review("u", "a", 1).substr(0, 70), "CDs.jsonl:10: the last line is cut off");
}

TEST_CASE("Amazon: wrong files", "[preprocess]") {
  TempDir dir;
  CHECK_THROWS_WITH(
      run(dir, "user,item\n1,2\n", kEntries),
      Contains("CDs.jsonl:1: not a JSON object") && Contains("this does not look like Amazon Reviews 2023"));
  CHECK_THROWS_WITH(run(dir, kEntries, kEntries), Contains("CDs.jsonl:1: no field \"user_id\""));
  CHECK_THROWS_WITH(run(dir, core(), core()), Contains("meta.jsonl:1: no field \"main_category\""));
  CHECK_THROWS_WITH(run(dir, core(), "{\"title\": \"x\"}\n"), Contains("meta.jsonl:1: no field \"parent_asin\""));
  CHECK_THROWS_WITH(run(dir, core(), ""), Contains("meta.jsonl: the file is empty"));
  CHECK_THROWS_WITH(run(dir, core(), kEntries + entry("b", "7")),
                    Contains("meta.jsonl:4: \"description\" must be a text, not 7"));
  PreprocessJob job = amazon(dir);
  job.metadata_path = dir / "none.jsonl";
  CHECK_THROWS_WITH(preprocess(job), Contains("none.jsonl: cannot read"));
  CHECK((!fs::exists(dir / "out") || fs::is_empty(dir / "out")));
}

TEST_CASE("Amazon: an error behind the reviews leaves earlier outputs untouched", "[preprocess]") {
  TempDir dir;
  run(dir, core(), kEntries);
  const std::string before = read_text(dir / "out/cds.csv");
  std::string broken = kEntries;
  broken.replace(broken.find("\"title\""), 7, "\"tilte\"");
  CHECK_THROWS_WITH(run(dir, core() + review("U2", "a", 99), broken), Contains("meta.jsonl:1: no field \"title\""));
  CHECK(read_text(dir / "out/cds.csv") == before);
  CHECK(std::distance(fs::directory_iterator(dir / "out"), fs::directory_iterator()) == 6);
}

TEST_CASE("Amazon: gzip input gives the same files, a cut one an error", "[preprocess]") {
  TempDir dir;
  run(dir, core(), kEntries);
  const std::string plain = read_text(dir / "out/cds.csv");
  append_gzip(dir / "CDs.jsonl.gz", core());
  append_gzip(dir / "meta.jsonl.gz", kEntries);
  PreprocessJob job = amazon(dir);
  job.interactions_path += ".gz";
  job.metadata_path += ".gz";
  job.output_folder = dir / "gz";
  preprocess(job);
  CHECK(read_text(dir / "gz/cds.csv") == plain);

  const std::string whole = read_text(dir / "CDs.jsonl.gz");
  write_text(dir / "CDs.jsonl.gz", whole.substr(0, whole.size() - 9));
  job.output_folder = dir / "cut";
  CHECK_THROWS_WITH(preprocess(job), Contains("CDs.jsonl.gz: the gzip data ends too early"));
  CHECK_FALSE(fs::exists(dir / "cut"));
}

TEST_CASE("Amazon: half a surrogate pair is read as U+FFFD and counted, in the last line too", "[preprocess]") {
  TempDir dir;
  const auto with = [](std::string lines, const std::string& old, const std::string& text) {
    return lines.replace(lines.find(old), old.size(), text);
  };
  std::string entries = with(kEntries, "Title c", R"(Bright \ud83d)");
  entries = with(entries, "Title a", R"(\ude00 low)");
  entries = with(entries, "Title b", R"(Whole \ud83d\ude00, half \ud83d\u0041)");
  const std::string reviews = core() + review("U4", "a", 1) + review("U4", "b", 2);
  const PreprocessReport report = run(dir, reviews + with(review("U4", "c", 3), "U4", R"(U4\ud800)"), entries);
  const auto catalogue = read_item_catalogue(dir / "out/CDs_features.csv", amazon(dir).dataset);
  CHECK(catalogue.at(1).title == "Bright \uFFFD");
  CHECK(catalogue.at(2).title == "Whole \U0001F600, half \uFFFDA");
  CHECK(catalogue.at(3).title == "\uFFFD low");
  CHECK(report.metadata_file.repaired == 3);
  CHECK(report.metadata_file.malformed == 0);
  CHECK(report.interactions_file.repaired == 1);
  CHECK(report.interactions_file.malformed == 0);
  CHECK(report.users_read == 5);
  CHECK(report.to_json().at("metadata_file").at("repaired") == 3);
}

TEST_CASE("Amazon: an item whose features cannot be read is counted as a malformed line", "[preprocess]") {
  TempDir dir;
  std::string entries = kEntries + entry("b");
  entries.replace(entries.find("Title a"), 7, R"(Title \x)");
  const PreprocessReport report = run(dir, core(), entries);
  CHECK(report.feature_rows == 2);
  REQUIRE(report.metadata_file.malformed == 1);
  CHECK(report.metadata_file.first[0].number == 2);
}

TEST_CASE("a last line without its end is read like the others", "[preprocess]") {
  TempDir dir;
  const auto without_end = [](const std::string& lines) { return lines.substr(0, lines.size() - 1); };
  run(dir, core(), kEntries);
  const std::string sequences = read_text(dir / "out/cds.csv"), features = read_text(dir / "out/CDs_features.csv");
  const PreprocessReport report = run(dir, without_end(core()), without_end(kEntries));
  CHECK(read_text(dir / "out/cds.csv") == sequences);
  CHECK(read_text(dir / "out/CDs_features.csv") == features);
  CHECK(report.ratings_read == 9);
}

TEST_CASE("Amazon: repeats are kept, or one of them is", "[preprocess]") {
  TempDir dir;
  // Every review twice, and U1 comes back to b at the end.
  write_text(dir / "CDs.jsonl", core() + core() + review("U1", "b", 40));
  write_text(dir / "meta.jsonl", kEntries);
  PreprocessJob job = amazon(dir);
  PreprocessReport report = preprocess(job);
  CHECK(read_text(dir / "out/cds.csv") == "1\t1 1 2 2 3 3\n2\t1 1 2 2 3 3 2\n3\t1 1 2 2 3 3\n");
  CHECK(report.duplicates == 10);
  CHECK(report.repeats_left_out == 0);
  CHECK_THAT(report.to_table().to_markdown(), Contains("repeats among them") && Contains("10"));
  job.dataset.repeats = Repeats::first;
  report = preprocess(job);
  CHECK(read_text(dir / "out/cds.csv") == "1\t1 2 3\n2\t1 2 3\n3\t1 2 3\n");
  CHECK(report.duplicates == 0);
  CHECK(report.repeats_left_out == 10);
  CHECK(report.to_json().at("repeats_left_out") == 10);
  job.dataset.repeats = Repeats::last;
  preprocess(job);
  CHECK(read_text(dir / "out/cds.csv") == "1\t1 2 3\n2\t1 3 2\n3\t1 2 3\n");
  // Before the k-core: twice the same three items are not six interactions.
  job.dataset.min_interactions = 4;
  CHECK_THROWS_WITH(preprocess(job), Contains("no user is left"));
  job.dataset.repeats = Repeats::keep;
  CHECK(preprocess(job).users == 3);
}
