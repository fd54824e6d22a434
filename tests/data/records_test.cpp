// Records of files that people make themselves: columns, quotes, times, Python literals, lines that do not count.
#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/python_literal.h"
#include "datasets/data/record_times.h"
#include "support/temp_dir.h"

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

bool says(const std::vector<std::string>& texts, const std::string& text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
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

TEST_CASE("csv: bad lines are counted by kind, with the first of each, up to the limit", "[records]") {
  const std::string bad = "user,item,rating\nu,a,5\nu;b;5\nu,b,five\nu,Alas, poor,4\nu,c,four\nu,d,5\nu,e,4.5\n";
  const CsvRun run = run_csv(bad);
  CHECK(run.sequences == "1\t1 2 3\n");
  const std::vector<LeftOut> left_out = run.report.left_out();
  REQUIRE(left_out.size() == 3);
  CHECK(left_out[0].why == "malformed: 1 fields instead of 3 (the line is separated by ';')");
  CHECK(left_out[0].first == "log.csv:3");
  CHECK(left_out[1].why == "malformed: rating 'five' is not a number");
  CHECK(left_out[1].lines == 2);
  CHECK(left_out[2].why == "malformed: 4 fields instead of 3 (a ',' inside a field needs quotes around the field)");
  CHECK(left_out[2].first == "log.csv:5");
  CHECK_THAT(run.report.left_out_table().to_markdown(), Contains("log.csv:4"));

  DatasetOptions strict;
  strict.limits.malformed = 0;
  CHECK_THROWS_WITH(run_csv(bad, strict), Contains("log.csv:3: 1 fields") && Contains("4 of 8 lines are malformed"));
  std::string many = "user,item\n";
  for (int line = 0; line < 11; ++line) many += "u\n";
  for (int line = 0; line < 89; ++line) many += "u," + std::to_string(line) + "\n";
  CHECK_THROWS_WITH(run_csv(many), Contains("11 of 101 lines are malformed, more than the 1 %"));
  DatasetOptions patient;
  patient.limits.malformed = 0.12;
  CHECK(run_csv(many, patient).report.interactions == 89);
}

TEST_CASE("csv: a header that is missing, comes twice, or stands where none is expected", "[records]") {
  CHECK_THROWS_WITH(run_csv("1,10,5,978300760\n1,11,4,978300761\n"),
                    Contains("look like data: is the header missing?") && Contains("columns={user: 1, item: 2}"));
  DatasetOptions options;
  options.columns = {.user = "uid", .item = "sku"};
  const CsvRun twice = run_csv("uid,sku\nu,a\nu,b\nuid,sku\nu,c\n", options);
  CHECK(twice.sequences == "1\t1 2 3\n");
  REQUIRE(twice.report.dropped.size() == 1);
  CHECK(twice.report.dropped[0].reason == "a header");
  CHECK(twice.report.dropped[0].first_line == 4);
  options.columns = {.user = "1", .item = "2"};
  options.separator = ",";
  const CsvRun unexpected = run_csv("User Id,movieId\nu,a\nu,b\nUser Id,movieId\nu,c\n", options);
  CHECK(unexpected.sequences == "1\t1 2 3\n");
  REQUIRE(unexpected.report.dropped.size() == 1);
  CHECK(unexpected.report.dropped[0].lines == 2);
  CHECK(unexpected.report.dropped[0].first_line == 1);
}

TEST_CASE("csv: ids that differ in blanks and zeros stay apart, and are said", "[records]") {
  const std::string text = "user,item\n7,a\n7,b\n7,c\n 07 ,a\n07,b\n07,c\n7.0,a\n8,0\n8,00\n8,b\n";
  const CsvRun run = run_csv(text);
  CHECK(run.users == R"({"7": 1, "07": 2, "7.0": 3, "8": 4})");
  CHECK(says(run.report.remarks, "1 lines have blanks around an id, which do not count, the first is log.csv:5"));
  REQUIRE(run.report.warnings.size() == 2);
  CHECK(run.report.warnings[0] ==
        "2 of 4 user ids are another one but for blanks and zeros, the first is '07' beside '7' (log.csv:5); they stay "
        "apart");
  CHECK_THAT(run.report.warnings[1], Contains("1 of 5 item ids") && Contains("'00' beside '0' (log.csv:10)"));
  DatasetOptions strict;
  strict.limits.alike_ids = 0;
  CHECK_THROWS_WITH(run_csv(text, strict), Contains("datasets.limits.alike_ids=0"));
  CHECK(run_csv("user,item\n07,a\n07,b\n07,c\n08,c\n").report.warnings.empty());
  // None of them is bare: 2.0 and 002 follow "02".
  const CsvRun dressed = run_csv("user,item\n02,a\n02,b\n02,c\n2.0,a\n002,a\n0 3,b\n");
  REQUIRE(dressed.report.warnings.size() == 1);
  CHECK_THAT(dressed.report.warnings[0], Contains("2 of 4 user ids") && Contains("'2.0' beside '02' (log.csv:5)"));
}

TEST_CASE("csv: times of zero and in the future are counted, several units are asked for", "[records]") {
  const std::string doubtful = "user,item,time\nu,a,0\nu,b,1600000000\nu,c,99999999999\nu,d,-5\n";
  const CsvRun run = run_csv(doubtful);
  CHECK(run.sequences == "1\t1 2 3 4\n");
  REQUIRE(run.report.warnings.size() == 2);
  CHECK_THAT(run.report.warnings[0], Contains("2 lines have a time of 0 or before 1970, the first is log.csv:2"));
  CHECK_THAT(run.report.warnings[1], Contains("1 lines have a time in the future, the first is log.csv:4"));
  DatasetOptions strict;
  strict.limits.doubtful_times = 0;
  CHECK_THROWS_WITH(run_csv(doubtful, strict),
                    Contains("log.csv:2: 2 of 4 times are 0 or less and 1 lie in the future"));
  const std::string mixed = "user,item,time\nu,a,1600000000\nu,b,1600000001000\nu,c,1600000002000\n";
  CHECK_THROWS_WITH(run_csv(mixed),
                    Contains("of its lines 1 look like seconds (first log.csv:2), 2 look like milliseconds "
                             "(first log.csv:3); set datasets.time_unit"));
  CHECK(run_csv("user,item,time\nu,a,0\nu,b,1\nu,c,2\n", strict).report.warnings.empty());  // places in an order
  DatasetOptions seconds;
  seconds.time_unit = TimeUnit::seconds;
  CHECK_THAT(run_csv(mixed, seconds).report.warnings.at(0), Contains("2 lines have a time in the future"));
  const CsvRun iso = run_csv("user,item,time\nu,a,2020-01-01\nu,b,1600000000000\nu,c,2020-12-31T01:00:00Z\n");
  CHECK(iso.sequences == "1\t1 2 3\n");
  CHECK(says(iso.report.remarks, "times are milliseconds since 1970, by their size (datasets.time_unit=ms)"));
}

TEST_CASE("csv: half stars and thresholds, or ratings left unread", "[records]") {
  const std::string text = "user,item,rating,time\nu,a,1,3\nu,b,none,2\nu,c,,1\nv,a,4.5,1\nv,b,3.5,2\nv,c,4,3\n";
  DatasetOptions options;
  options.min_rating = 3.5;
  const CsvRun rated = run_csv(text, options);
  CHECK(rated.sequences == "1\t1 2 3\n");
  CHECK(rated.users == R"({"v": 1})");
  const std::vector<LeftOut> left_out = rated.report.left_out();
  REQUIRE(left_out.size() == 3);  // 'none', the empty rating, and the 1
  CHECK(left_out[2].why == "ratings below 3.5 (min_rating)");
  CHECK(left_out[2].counts.users == 1);
  CHECK(left_out[2].counts.interactions == 1);
  options.feedback = Feedback::implicit;
  CHECK(run_csv(text, options).sequences == "1\t1 2 3\n2\t3 2 1\n");
}

TEST_CASE("csv: faults of several files are named by the file and line where each stands first", "[records]") {
  const TempDir dir;
  write_text(dir / "a.csv", "user,item,time\nu,a,1577836800\nu,b,1577836801\nu,c,1577836802\n");
  write_text(dir / "b.csv", "user,item,time\nv,a,1577836800\nv,b\n v,b,1577836801\n,b,1577836801\nv,c,0\nv,d,x\nv\n");
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.min_interactions = 1;
  job.interactions_path = dir / "a.csv";
  job.more_interactions = {dir / "b.csv"};
  job.output_folder = dir / "out";
  const PreprocessReport report = preprocess(job);
  CHECK(report.users == 2);
  CHECK(report.interactions_file.lines == 12);
  CHECK(report.interactions_file.malformed == 3);
  std::vector<std::string> places;
  for (const LeftOut& entry : report.left_out())
    if (entry.lines > 0) places.push_back(fmt::format("{} {}", entry.first, entry.lines));
  CHECK(places == std::vector<std::string>{"b.csv:3 2", "b.csv:7 1", "b.csv:5 1"});  // 2 and 1 fields are one kind
  CHECK(says(report.remarks, "1 lines have blanks around an id, which do not count, the first is b.csv:4"));
  CHECK(says(report.warnings, "1 lines have a time of 0 or before 1970, the first is b.csv:6; they count as they are"));
}

TEST_CASE("csv: repeats at one time are counted by item", "[records]") {
  const CsvRun run = run_csv("user,item,time\nu,a,5\nu,b,5\nu,a,5\nu,a,5\nu,a,6\nu,c,6\n");
  CHECK(run.report.time_ties == 4);
  CHECK(run.report.repeats_at_one_time == 2);  // a at 5 twice more; a at 6 stands alone
}

TEST_CASE("csv: ties in time keep the order of the file or turn it round", "[records]") {
  const std::string text = "user,item,time\nu,d,9\nu,c,5\nu,b,5\nu,a,5\n";
  DatasetOptions options;
  CHECK(run_csv(text).sequences == "1\t1 2 3 4\n");  // c b a d
  CHECK(run_csv(text).users == R"({"u": 1})");
  options.ties = Ties::reversed;
  const CsvRun reversed = run_csv(text + "v,d,1\nv,a,2\nv,b,3\n", options);
  CHECK(reversed.sequences == "1\t1 2 3 4\n2\t4 1 2\n");  // a b c d, then d a b
  CHECK(says(reversed.report.remarks,
             "2 of 5 neighbours in a user's sequence have the same time: they have the "
             "reverse order of the file; the first are those of user u"));
  options.time_unit = TimeUnit::file_order;
  CHECK(run_csv(text + "v,d,1\nv,a,2\nv,b,3\n", options).sequences == "1\t1 2 3 4\n2\t2 1 4\n");
  options.repeats = Repeats::last;
  CHECK(run_csv("user,item\nu,a\nu,b\nu,c\nu,b\n", options).sequences == "1\t1 2 3\n");  // c b a
}

TEST_CASE("csv: the minimum of items, and users below theirs", "[records]") {
  const std::string text = "user,item\nu,a\nu,b\nu,c\nu,d\nv,a\nv,b\nv,c\nw,e\n";
  DatasetOptions options;
  options.min_item_interactions = 2;
  const CsvRun run = run_csv(text, options);
  CHECK(run.sequences == "1\t1 2 3\n2\t1 2 3\n");
  REQUIRE(run.report.filtered.size() == 1);
  CHECK(run.report.filtered[0].why == "users with fewer than 1 interactions, items with fewer than 2 (k-core)");
  CHECK(run.report.filtered[0].counts.users == 1);
  CHECK(run.report.filtered[0].counts.items == 2);
  CHECK(run.report.filtered[0].counts.interactions == 2);
  options.short_users = ShortUsers::refuse;
  CHECK_THROWS_WITH(run_csv(text, options), Contains("1 of 3 users have fewer than 1 interactions") &&
                                                Contains("the first is 'w'") && Contains("short_users=drop"));
}

TEST_CASE("csv: the counts of what was left out add up to what was read", "[records]") {
  uint32_t state = 1;
  const auto draw = [&](uint32_t end) { return (state = state * 1664525 + 1013904223) / 65536 % end; };
  std::string text = "user,item,rating,time\n";
  for (int line = 0; line < 2000; ++line)
    text += fmt::format("{},{},{},{}\n", draw(150), draw(80), 1 + draw(5), 1'600'000'000 + draw(500));
  DatasetOptions options;
  options.repeats = GENERATE(Repeats::keep, Repeats::first);
  options.min_rating = 3;
  options.min_item_interactions = 12;
  const PreprocessReport report = run_csv(text, options).report;
  KCorePass sum{report.users, report.items, report.interactions};
  for (const LeftOut& step : report.filtered) {
    sum.users += step.counts.users;
    sum.items += step.counts.items;
    sum.interactions += step.counts.interactions;
  }
  CHECK(report.filtered.size() >= 2);
  CHECK(sum.users == report.users_read);
  CHECK(sum.items == report.items_read);
  CHECK(sum.interactions == report.ratings_read);
}

TEST_CASE("csv: items that the metadata lacks are counted, and refused where they are most", "[records]") {
  const TempDir dir;
  std::string log = "user,item\n";
  for (int item = 0; item < 20; ++item) log += fmt::format("u,{}\n", item);
  write_text(dir / "log.csv", log);
  write_text(dir / "items.csv", "item,title\n0,A\n1,B\n2,C\n3,D\nitem,title\n");
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.features_name = "features.tsv";
  job.dataset.limits.unknown_items = 0.8;
  job.interactions_path = dir / "log.csv";
  job.metadata_path = dir / "items.csv";
  job.output_folder = dir / "out";
  job.dataset.min_interactions = 3;
  job.dataset.min_item_interactions = 0;
  const PreprocessReport report = preprocess(job);
  CHECK(report.interactions == 4);
  CHECK(says(report.warnings,
             "16 of 20 items have no entry in items.csv, the first is '4' (log.csv:6); "
             "datasets.item_filter leaves them out"));
  REQUIRE(report.dropped.size() == 1);
  CHECK(report.dropped[0].first_line == 6);
  job.dataset.limits.unknown_items = 0.79;
  CHECK_THROWS_WITH(preprocess(job), Contains("more than datasets.limits.unknown_items=0.79"));
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

TEST_CASE("dates with the day or the month first", "[records]") {
  const int64_t day = parse_iso_time("2020-02-01").value();
  const auto read = [](const char* text, TimeUnit order) { return parse_time(text, order); };
  CHECK(read("01/02/2020", TimeUnit::day_month) == day);
  CHECK(read("2/1/2020", TimeUnit::month_day) == day);
  CHECK(read("1.2.2020 1:30", TimeUnit::day_month) == day + 5400 * kMicrosecondsOfSecond);
  CHECK(read("02-01-2020, 01:30:00 PM", TimeUnit::month_day) == day + 48600 * kMicrosecondsOfSecond);
  CHECK(read("02/01/2020 12:00 AM", TimeUnit::month_day) == day);
  CHECK(read("02/01/2020 12:00 PM", TimeUnit::month_day) == day + kMicrosecondsOfDay / 2);
  for (const char* wrong : {"13/13/2020", "2020-01-02", "1/2/20", "1/2", "1/2/2020 noon", "", "31/4/2020"})
    CHECK_FALSE(read(wrong, TimeUnit::day_month));
}

TEST_CASE("Python literals become JSON", "[records]") {
  CHECK(json_from_python(R"({'a': u'\xeb', "b": "it's", 'c': (1, 2.5, None,), 'd': True, 'e': 3L})") ==
        R"({"a":"\u00eb","b":"it's","c":[1,2.5,null],"d":true,"e":3})");
  CHECK(json_from_python(R"('\U0001f600"')") == R"("\ud83d\ude00\"")");
  for (const char* code : {"__import__('os').system('x')", "{'a': f()}", "'open", "{'a': 1 * 2}", "b'x'"})
    CHECK_FALSE(json_from_python(code));
}
