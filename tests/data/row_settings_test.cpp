// The settings of rows in the formats `movielens` and `amazon`, and a split that is given, which is taken whole.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/data/interactions.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

constexpr const char* kRatings =
    "1::1::5::1000000002\n1::2::1::1000000001\n1::3::5::1000000002\n2::1::5::1000000001\n2::2::5::1000000002\n"
    "2::3::5::1000000003\n3::1::5::1000000001\n3::4::5::1000000009\n3::3::4::1000000002\n";

PreprocessJob movielens_rows(const TempDir& dir) {
  PreprocessJob job;
  job.dataset.dataset_name = "rows";
  job.dataset.features_name = "films.csv";
  job.dataset.min_interactions = 3;
  job.interactions_path = dir / "ratings.dat";
  job.metadata_path = dir / "movies.dat";
  job.output_folder = dir / "out";
  write_text(job.interactions_path, kRatings);
  write_text(job.metadata_path, "1::A (1999)::Drama\n2::B (1999)::Drama\n3::C (1999)::Drama\n4::D (1999)::Drama\n");
  return job;
}

std::string rows_of(const PreprocessJob& job) {
  preprocess(job);
  return read_text(job.output_folder / "rows.csv");
}

std::string amazon_review(const std::string& user, const std::string& item, int64_t time, double rating) {
  return fmt::format(
      "{{\"rating\": {}, \"asin\": \"{}\", \"parent_asin\": \"{}\", \"user_id\": \"{}\", \"timestamp\": {}}}\n", rating,
      item, item, user, time);
}

}  // namespace

TEST_CASE("MovieLens reads the settings of rows", "[rows]") {
  TempDir dir;
  PreprocessJob job = movielens_rows(dir);
  CHECK(rows_of(job) == "2\t1 2 3\n3\t1 3 4\n");
  PreprocessReport report = preprocess(job);
  REQUIRE(report.ratings.has_value());
  CHECK(report.ratings->lowest == 1);
  CHECK(report.times->highest == 1'000'000'009);

  job.dataset.feedback = Feedback::implicit;
  CHECK(rows_of(job) == "1\t2 1 3\n2\t1 2 3\n3\t1 3 4\n");
  job.dataset.ties = Ties::reversed;
  CHECK(rows_of(job) == "1\t2 3 1\n2\t1 2 3\n3\t1 3 4\n");
  job.dataset.time_unit = TimeUnit::file_order;
  CHECK(rows_of(job) == "1\t3 2 1\n2\t3 2 1\n3\t3 4 1\n");
  job.dataset.ties = Ties::file_order;
  CHECK(rows_of(job) == "1\t1 2 3\n2\t1 2 3\n3\t1 4 3\n");
  job.dataset.min_item_interactions = 2;  // item 4 has one
  CHECK(rows_of(job) == "1\t1 2 3\n2\t1 2 3\n");
  job.dataset.short_users = ShortUsers::refuse;
  CHECK_THROWS_WITH(preprocess(job), Contains("1 of 3 users have fewer than 3"));
}

TEST_CASE("MovieLens' times are seconds, also in January 1970", "[rows]") {
  TempDir dir;
  const PreprocessJob job = movielens_rows(dir);
  write_text(job.interactions_path, "1::1::5::1001002\n1::2::5::1001001\n1::3::5::1001003\n");
  CHECK(rows_of(job) == "1\t2 1 3\n");
}

TEST_CASE("MovieLens counts what its limits allow", "[rows]") {
  TempDir dir;
  PreprocessJob job = movielens_rows(dir);
  write_text(job.interactions_path, std::string(kRatings) + "4::1::5\n");
  CHECK(preprocess(job).interactions_file.malformed == 1);
  job.dataset.limits.malformed = 0;
  CHECK_THROWS_WITH(preprocess(job), Contains("1 of 10 lines are malformed"));
  write_text(job.interactions_path, std::string(kRatings) + "4::1::5::0\n");
  const PreprocessReport report = preprocess(job);
  CHECK_THAT(report.warnings.at(0), Contains("1 lines have a time of 0") && Contains("ratings.dat:10"));
  job.dataset.limits.doubtful_times = 0;
  CHECK_THROWS_WITH(preprocess(job), Contains("datasets.limits.doubtful_times=0"));
}

TEST_CASE("Amazon reads the settings of rows", "[rows]") {
  TempDir dir;
  PreprocessJob job = movielens_rows(dir);
  job.dataset.format = "amazon";
  job.interactions_path = dir / "reviews.jsonl";
  job.metadata_path = dir / "meta.jsonl";
  std::string reviews, meta;
  for (const char* item : {"a", "b", "c", "d"})
    meta += fmt::format(
        "{{\"parent_asin\": \"{}\", \"title\": \"T\", \"main_category\": null, \"categories\": [], \"description\": "
        "[]}}\n",
        item);
  for (const char* user : {"u", "v", "w"})
    reviews += amazon_review(user, "a", 1'600'000'000'003, 5) + amazon_review(user, "b", 1'600'000'000'001, 1) +
               amazon_review(user, "c", 1'600'000'000'001, 5);
  write_text(job.interactions_path, reviews + amazon_review("u", "d", 1'600'000'000'009, 5));
  write_text(job.metadata_path, meta);
  CHECK_THROWS_WITH(preprocess(job), Contains("no user is left"));
  job.dataset.feedback = Feedback::implicit;
  // In order of time b, c, a; the k-core leaves d out.
  CHECK(rows_of(job) == "1\t1 2 3\n2\t1 2 3\n3\t1 2 3\n");
  job.dataset.min_item_interactions = 0;
  CHECK(rows_of(job) == "1\t1 2 3 4\n2\t1 2 3\n3\t1 2 3\n");
  job.dataset.time_unit = TimeUnit::file_order;
  job.dataset.ties = Ties::reversed;
  preprocess(job);
  CHECK(read_text(dir / "out/item_id2model_id.json") == R"({"d": 1, "c": 2, "b": 3, "a": 4})");
}

TEST_CASE("a split that is given keeps users of one and two items, and rare items", "[rows]") {
  TempDir dir;
  PreprocessJob job;
  job.dataset.dataset_name = "rows";
  job.dataset.format = "amazon-2023-csv";
  job.dataset.min_rating = 0;  // as derived_defaults.h sets them
  job.dataset.min_interactions = 1;
  job.dataset.items_without_words = ItemsWithoutWords::off;
  job.dataset.split.by = SplitBy::files;
  job.output_folder = dir / "out";
  const std::string header = "user_id,parent_asin,rating,timestamp,history\n";
  // A1 bought one item, A2 two, A3 four; A4 is in the test alone.
  write_text(dir / "train.csv", header +
                                    "A1,a,1.0,1600000000000,\nA2,b,2.0,1600000000000,\nA3,a,5.0,1600000000000,\n"
                                    "A3,c,5.0,1600000001000,a\n");
  write_text(dir / "valid.csv", header + "A3,d,5.0,1600000002000,a c\n");
  write_text(dir / "test.csv",
             header + "A2,c,2.0,1600000002000,b\nA3,e,1.0,1600000003000,a c d\nA4,a,1.0,1600000003000,\n");
  job.interactions_path = dir / "train.csv";
  job.valid_path = dir / "valid.csv";
  job.test_path = dir / "test.csv";
  const PreprocessReport report = preprocess(job);
  CHECK(report.users == 4);
  CHECK(report.items == 5);
  CHECK(report.interactions == 8);
  CHECK(report.left_out().empty());
  REQUIRE(report.split.has_value());
  CHECK(report.split->train.interactions == 4);
  CHECK(report.split->without_history == 1);  // A4's
  CHECK(read_text(dir / "out/rows.csv") == "1\t1\n2\t2 3\n3\t1 3 4 5\n4\t1\n");
  CHECK(read_text(dir / "out/rows_parts.tsv") ==
        "user\ttrain\tvalid\ttest\n1\t1\t0\t0\n2\t1\t0\t1\n3\t2\t1\t1\n4\t0\t0\t1\n");
  const Interactions again = read_interactions(dir / "out/rows.csv", dir / "out/rows_parts.tsv");
  CHECK(again.num_users() == 4);
  // A minimum that is set counts, and says what it took.
  job.dataset.min_interactions = 2;
  job.dataset.min_item_interactions = 0;
  const PreprocessReport filtered = preprocess(job);
  CHECK(filtered.users == 2);
  REQUIRE(filtered.left_out().size() == 1);
  CHECK(filtered.left_out()[0].counts.users == 2);
}
