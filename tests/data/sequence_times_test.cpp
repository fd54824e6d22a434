// The times of sequences: as they are written beside the sequences, and read again.
#include "datasets/data/sequence_times.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;
namespace fs = std::filesystem;

namespace {

PreprocessJob csv_job(const TempDir& dir, const std::string& text) {
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.min_rating = 0;
  job.dataset.min_interactions = 3;
  job.dataset.min_item_interactions = 0;
  job.dataset.items_without_words = ItemsWithoutWords::off;
  job.interactions_path = dir / "log.csv";
  job.output_folder = dir / "out";
  write_text(job.interactions_path, text);
  return job;
}

}  // namespace

TEST_CASE("seconds have the decimals that they need", "[sequence_times]") {
  CHECK(seconds_text(978'300'760, 1) == "978300760");
  CHECK(seconds_text(1'577'836'800'250, 1000) == "1577836800.25");
  CHECK(seconds_text(1'577'836'800'000'001, 1'000'000) == "1577836800.000001");
  CHECK(seconds_text(-500, 1000) == "-0.5");
  CHECK(seconds_text(-2000, 1000) == "-2");
  CHECK(seconds_text(0, 1000) == "0");
}

TEST_CASE("the times of the sequences are written and read again", "[sequence_times]") {
  TempDir dir;
  // v has too few; u's lines are not in order, and one of them has milliseconds.
  const PreprocessJob job =
      csv_job(dir,
              "user,item,time\nu,a,2020-01-01T00:00:02\nv,a,2020-01-01\nu,b,2020-01-01T00:00:01.25\n"
              "u,c,2020-01-02\nw,a,1970-01-01\nw,b,1969-12-31T23:59:59.5\nw,c,2020-01-01\n");
  preprocess(job);
  CHECK(read_text(dir / "out/own_times.tsv") == "1\t1577836801.25 1577836802 1577923200\n2\t-0.5 0 1577836800\n");
  const Interactions interactions = read_interactions(dir / "out/own.csv");
  CHECK(read_sequence_times(dir / "out/own_times.tsv", interactions) ==
        std::vector<int64_t>{1'577'836'801'250'000, 1'577'836'802'000'000, 1'577'923'200'000'000, -500'000, 0,
                             1'577'836'800'000'000});
}

TEST_CASE("data without times have no file of them, and lose that of other data", "[sequence_times]") {
  TempDir dir;
  const std::string log = "user,item,time\nu,a,1600000001\nu,b,1600000002\nu,c,1600000003\n";
  PreprocessJob job = csv_job(dir, log);
  preprocess(job);
  CHECK(fs::exists(dir / "out/own_times.tsv"));
  job.dataset.time_unit = TimeUnit::file_order;
  preprocess(job);
  CHECK_FALSE(fs::exists(dir / "out/own_times.tsv"));
}

TEST_CASE("times of a given split are without their part", "[sequence_times]") {
  TempDir dir;
  PreprocessJob job =
      csv_job(dir, "user,item,time,part\nu,a,1600000009,train\nu,b,1600000002,valid\nu,c,1600000003,test\n");
  job.dataset.split.by = SplitBy::column;
  job.dataset.split.column = "part";
  preprocess(job);
  CHECK(read_text(dir / "out/own_times.tsv") == "1\t1600000009 1600000002 1600000003\n");
  job.dataset.sort_by_time = false;  // then the numbers of lines stand for times
  preprocess(job);
  CHECK_FALSE(fs::exists(dir / "out/own_times.tsv"));
}

TEST_CASE("times of other sequences are refused with file and line", "[sequence_times]") {
  TempDir dir;
  Interactions interactions;
  interactions.add_user(1, std::vector<int32_t>{1, 2, 3});
  interactions.add_user(2, std::vector<int32_t>{1, 2, 3});
  const auto refused = [&](const std::string& text, const std::string& part) {
    write_text(dir / "times.tsv", text);
    CHECK_THROWS_WITH(read_sequence_times(dir / "times.tsv", interactions), Contains(part));
  };
  refused("1\t1 2 3\n2\t1 2\n", "times.tsv:2: the times are not those");
  refused("1\t1 2 3\n3\t1 2 3\n", "times.tsv:2: the times are not those");
  refused("1\t1 2 3\n", "times.tsv: the times are not those");
  refused("1\t1 2 3\n2\t1 2 3\n3\t1\n", "times.tsv:3: the times are not those");
  refused("1\t1 2 x\n", "times.tsv:1: 'x' is no time");
}
