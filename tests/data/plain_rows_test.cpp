// The fast path of delimited files: the same result as that of the reader of records, and the tables behind it.
#include "datasets/data/plain_rows.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "datasets/data/kcore.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/string_table.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

class Draws {
 public:
  uint32_t operator()(uint32_t end) { return (state_ = state_ * 1664525 + 1013904223) / 65536 % end; }

 private:
  uint32_t state_ = 7;
};

PreprocessJob log_job(const TempDir& dir) {
  PreprocessJob job;
  job.dataset.dataset_name = "own";
  job.dataset.format = "csv";
  job.dataset.min_rating = 2;
  job.dataset.min_interactions = 3;
  job.interactions_path = dir / "log.csv";
  job.output_folder = dir / "out";
  return job;
}

/// A log with lines of all kinds, longer than several blocks. Where `quoted`, a quote keeps each line from being plain.
std::string messy_log(bool quoted) {
  Draws draw;
  std::string text = "user,item,rating,time\r\n";
  for (int line = 0; line < 40'000; ++line) {
    const std::string user = fmt::format("{}{}", draw(9) == 0 ? "user number " : "u", draw(3000));
    const std::string item = fmt::format("i{}", draw(500));
    const std::string shown = quoted ? "\"" + user + "\"" : user;
    const uint32_t kind = draw(2000);
    std::string rating = fmt::format("{}", draw(11) / 2.0), time = fmt::format("{}", 1'600'000'000 + draw(60'000));
    if (kind == 0) rating = "good";
    if (kind == 1) rating = "";
    if (kind == 2) time = "2020-09-20T10:00:00+02:00";
    if (kind == 3) time = fmt::format("{}.5", time);
    if (kind == 4) rating = "3.14159265358979312";
    if (kind == 5) text += "\n  \n";
    if (kind == 6) text += "user,item,rating,time\n";
    text += kind == 7   ? fmt::format("{},\"it\nem, {}\",{},{}\n", shown, item, rating, time)
            : kind == 8 ? fmt::format("{},{},{}\n", shown, item, rating)
            : kind == 9 ? fmt::format("{},{}\t,{},{}\n", shown, item, rating, time)
                        : fmt::format("{},{},{},{}{}\n", shown, item, rating, time, draw(2) == 0 ? "\r" : "");
  }
  return text;
}

}  // namespace

TEST_CASE("plain rows: lines of all kinds give what the reader of records gives", "[plain-rows]") {
  const TempDir fast, slow;
  write_text(fast / "log.csv", messy_log(false));
  write_text(slow / "log.csv", messy_log(true));
  const nlohmann::json report = preprocess(log_job(fast)).to_json(), expected = preprocess(log_job(slow)).to_json();
  CHECK(nlohmann::json::diff(report, expected).dump() == "[]");
  CHECK(report.at("users").get<int>() > 1000);
  CHECK(report.at("malformed").size() == 2);
  CHECK(report.at("dropped").size() == 2);
  for (const char* file : {"own.csv", "user_id2model_id.json", "item_id2model_id.json"})
    CHECK((read_text(fast / "out" / file) == read_text(slow / "out" / file)));
}

TEST_CASE("plain rows: a line far into the file is named by its number", "[plain-rows]") {
  const TempDir dir;
  std::string text = "user,item,rating\n";
  for (int line = 2; line <= 50'000; ++line)
    text += line == 49'999 ? "u,i,\xFF\n" : fmt::format("u{},i,3\n", line % 99);
  write_text(dir / "log.csv", text);
  CHECK_THROWS_WITH(preprocess(log_job(dir)), Contains("log.csv:49999: '?' is not UTF-8"));
  PreprocessJob job = log_job(dir);
  job.dataset.limits.malformed = 0;
  text.replace(text.find('\xFF'), 1, "x");
  write_text(dir / "log.csv", text);
  CHECK_THROWS_WITH(preprocess(job), Contains("log.csv:49999: rating 'x' is not a number"));
  write_text(dir / "log.csv", "user,item,rating\nu,\"i,3\nu,i,3\n");
  CHECK_THROWS_WITH(preprocess(job), Contains("log.csv:2: a quote is not closed"));
}

TEST_CASE("every line that an open quote takes in is malformed", "[plain-rows][records]") {
  const TempDir dir;
  const auto log_with_quote = [](int lines, int at) {
    std::string text = "user,item,rating\n";
    for (int line = 2; line <= lines; ++line)
      text += fmt::format("u{},{}i{},5\n", line % 9, line == at ? "\"" : "", line % 13);
    return text;
  };
  write_text(dir / "log.csv", log_with_quote(200, 150));
  CHECK_THROWS_WITH(preprocess(log_job(dir)),
                    Contains("log.csv:150: a quote is not closed; 51 of 200 lines are malformed"));
  write_text(dir / "log.csv", log_with_quote(200'000, 400));  // a record has at most 1,000 lines
  const PreprocessReport report = preprocess(log_job(dir));
  CHECK(report.interactions_file.malformed == 1'000);
  CHECK(report.interactions_file.first.at(0).number == 400);
  CHECK(report.ratings_read == 198'999);
}

TEST_CASE("plain rows: what makes a line plain", "[plain-rows]") {
  const PlainRowParser parser({.separator = "::",
                               .columns = 4,
                               .user = 0,
                               .item = 1,
                               .rating = 2,
                               .time = 3,
                               .best_rating = 5,
                               .header_user = "user"});
  const std::string text =
      "u::i:j::4.5::1600000000\r\nu::i::6::1\nu::i::5\nu ::i::5::1\nuser::i::5::1\nu::i::1e0::1600000000123\nu::::5::1";
  std::vector<PlainRow> rows;
  parser.parse(text, rows);
  REQUIRE(rows.size() == 7);
  CHECK(rows[0].plain);
  CHECK(text.substr(rows[0].item_begin, rows[0].item_size) == "i:j");
  CHECK(rows[0].item_hash == StringTable::hash("i:j"));
  CHECK(rows[0].rating == 4.5);
  CHECK(rows[0].time == 1'600'000'000'000'000);
  CHECK(rows[0].unit == TimeUnit::seconds);
  CHECK(text.substr(rows[0].line_begin, rows[0].line_size) == "u::i:j::4.5::1600000000");
  for (const size_t other : {1, 2, 3, 4, 6}) CHECK_FALSE(rows[other].plain);
  CHECK(rows[5].plain);
  CHECK(rows[5].rating == 1);
  CHECK(rows[5].time == 1'600'000'000'123'000);
  CHECK(rows[5].unit == TimeUnit::milliseconds);
}

TEST_CASE("A rating log groups by user in file order, whatever its times are", "[plain-rows]") {
  Draws draw;
  RatingLog log;
  std::map<uint32_t, std::vector<std::pair<uint32_t, int64_t>>> expected;
  const auto time = [&](int block) -> int64_t {
    const int64_t any = int64_t{draw(30'000)} * 30'000 + draw(30'000);
    return block == 0   ? 1'600'000'000'000'000 + any * 1'000'000          // seconds
           : block == 1 ? 1'600'000'000'123'000 + any * 1'000'000 * 1'000  // milliseconds over years
           : block == 2 ? (draw(2) == 0 ? INT64_MIN + any : INT64_MAX - any)
                        : -any;
  };
  for (int i = 0; i < 4 * 65536 + 17; ++i) {
    const Rating rating{draw(200), draw(1000), time(i / 65536)};
    log.push_back(rating);
    expected[rating.user].emplace_back(rating.item, rating.time);
  }
  const Sequences sequences = group_by_user(std::move(log), 201);
  REQUIRE(sequences.items.size() == 4 * 65536 + 17);
  bool same = sequences.offsets[201] == sequences.offsets[200];
  for (const auto& [user, ratings] : expected) {
    for (size_t i = 0; i < ratings.size(); ++i) {
      const size_t at = sequences.offsets[user] + i;
      same = same && std::pair(sequences.items[at], sequences.times[at]) == ratings[i];
    }
  }
  CHECK(same);
}

TEST_CASE("A string table tells texts of all sizes apart", "[plain-rows]") {
  StringTable table;
  std::vector<std::string> texts = {""};
  for (size_t size = 1; size <= 40; ++size) {
    texts.push_back(std::string(size, 'a'));
    texts.push_back(std::string(size, '\0'));
    for (size_t at = 0; at < size; ++at) {
      texts.push_back(std::string(size, 'a'));
      texts.back()[at] = 'b';
    }
  }
  for (uint32_t i = 0; i < texts.size(); ++i) CHECK(table.intern(texts[i]) == i);
  std::vector<uint64_t> hashes;
  for (const std::string& text : texts) hashes.push_back(StringTable::hash(text));
  table.prefetch(hashes);
  for (uint32_t i = 0; i < texts.size(); ++i) {
    CHECK(table.intern(texts[i], hashes[i]) == i);
    CHECK(table.find(texts[i]) == i);
    CHECK(table[i] == texts[i]);
  }
  // Texts with the hash of another one are told apart by their letters.
  CHECK(table.intern("other", hashes[1]) == texts.size());
  CHECK(table.intern("another one, long", hashes[1]) == texts.size() + 1);
  CHECK(table.intern("another two, long", hashes[1]) == texts.size() + 2);
  CHECK(table.intern("other", hashes[1]) == texts.size());
}
