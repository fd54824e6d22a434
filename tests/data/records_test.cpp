// Records of files that people make themselves: columns, quotes, times, Python literals, lines that do not count.
#include <catch2/catch.hpp>

#include "data/preprocess.h"
#include "data/python_literal.h"
#include "data/record_times.h"
#include "support/temp_dir.h"
#include "util/error.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

struct CsvRun {
  PreprocessReport report;
  std::string sequences, users;
};

CsvRun run_csv(const std::string& text, DatasetOptions options = {}) {
  const TempDir dir;
  write_text(dir / "log.csv", text);
  PreprocessJob job;
  job.dataset = std::move(options);
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.min_interactions = 1;
  job.interactions_path = dir / "log.csv";
  job.output_folder = dir / "out";
  CsvRun run;
  run.report = preprocess(job);
  run.sequences = read_text(dir / "out/own.csv");
  run.users = read_text(dir / "out/user_id2model_id.json");
  return run;
}

}  // namespace

TEST_CASE("csv: any columns, quotes, ids that look like nothing, order of time", "[records]") {
  DatasetOptions options;
  options.columns = {.user = "who", .item = "what", .time = "when"};
  const CsvRun run = run_csv(
      "\xEF\xBB\xBF,who,what,when\r\n0,NA,\"b, \"\"x\"\"\",2020-01-01 12:00+02:00\r\n1,NA,a,2020-01-01T09:00:00Z\r\n"
      "2,NA,c,2020-01-02\r\n3,007,a,2020-01-01\r\n4,007,c,2020-01-02\r\n5,007,\"b, \"\"x\"\"\",2020-01-03\r\n",
      options);
  CHECK(run.sequences == "1\t1 2 3\n2\t1 3 2\n");
  CHECK(run.users == R"({"NA": 1, "007": 2})");
  CHECK(run.report.remarks.size() >= 3);
}

TEST_CASE("csv: columns by number, and no header", "[records]") {
  DatasetOptions options;
  options.columns = {.user = "2", .item = "1"};
  options.separator = "tab";
  CHECK(run_csv("a\tu\nb\tu\nc\tu\n", options).sequences == "1\t1 2 3\n");
}

TEST_CASE("csv: lines that do not count are counted by their reason", "[records]") {
  const CsvRun run = run_csv("user,item,rating\nu,a,5\nu,,5\nu,b,\nu,c,4.5\nu,d,5\n,a,3\nu,e,9\n");
  CHECK(run.sequences == "1\t1 2 3 4\n");
  REQUIRE(run.report.dropped.size() == 3);
  CHECK(run.report.dropped[0].reason == "no item id");
  CHECK(run.report.dropped[0].first_line == 3);
  REQUIRE(run.report.warnings.size() == 1);
  CHECK_THAT(run.report.warnings[0], Contains("ratings go to 9: datasets.min_rating=4"));
}

TEST_CASE("csv: what cannot be decided is asked", "[records]") {
  CHECK_THROWS_WITH(run_csv("who,item\nu,a\n"), Contains("no column of the user") && Contains("datasets.columns.user"));
  CHECK_THROWS_WITH(run_csv("user;item,a\nu;a\n"), Contains("set datasets.separator"));
  CHECK_THROWS_WITH(run_csv("user,item,movieId\nu,a,b\n"), Contains("both fit the item: set datasets.columns.item"));
  const std::string shrunk = "user,item,time\nu,a,1600000\nu,b,1600001\nu,c,1600001\n";
  CHECK_THROWS_WITH(run_csv(shrunk), Contains("January 1970") && Contains("datasets.time_unit=s"));
  DatasetOptions options;
  options.time_unit = TimeUnit::seconds;
  CHECK(run_csv(shrunk, options).report.time_ties == 1);
}

TEST_CASE("times of records", "[records]") {
  CHECK(parse_iso_time("1970-01-02") == kMicrosecondsOfDay);
  CHECK(parse_iso_time("1970-01-01T02:00:00.5+02:00") == kMicrosecondsOfSecond / 2);
  CHECK(parse_iso_time("1970-01-01 00:00Z") == 0);
  for (const char* wrong : {"", "1970", "1970-13-01", "1970-02-30", "1970-01-01T", "1970-01-01 25:00", "1970-01-01x"})
    CHECK_FALSE(parse_iso_time(wrong));
  CHECK(parse_time("1600119903.5", TimeUnit::seconds) == 1600119903500000);
  CHECK(parse_time("1600119903500", TimeUnit::automatic) == 1600119903500000);
  CHECK(parse_time("1600119903500000", TimeUnit::automatic) == 1600119903500000);
  CHECK_FALSE(parse_time("now", TimeUnit::automatic));
  CHECK_FALSE(parse_time("99999999999999999999999", TimeUnit::seconds));
}

TEST_CASE("Python literals become JSON", "[records]") {
  CHECK(json_from_python(R"({'a': u'\xeb', "b": "it's", 'c': (1, 2.5, None,), 'd': True, 'e': 3L})") ==
        R"({"a":"\u00eb","b":"it's","c":[1,2.5,null],"d":true,"e":3})");
  CHECK(json_from_python(R"('\U0001f600"')") == R"("\ud83d\ude00\"")");
  for (const char* code : {"__import__('os').system('x')", "{'a': f()}", "'open", "{'a': 1 * 2}", "b'x'"})
    CHECK_FALSE(json_from_python(code));
}
