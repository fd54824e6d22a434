// The ways to divide sequences: hand-checked parts, and that no target of any way is trained on.
#include "datasets/data/split_ways.h"

#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"
#include "datasets/data/sequence_batch.h"
#include "datasets/data/splits.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Matchers::Contains;
using latentcrs::test::read_text;
using latentcrs::test::real_data_dir;
using latentcrs::test::TempDir;
using latentcrs::test::write_text;

namespace {

constexpr const char* kHeader = "user,item,time,part\n";
/// Three users: u has five items on days 1 to 5, v four on days 2 to 9, w three in the end.
constexpr const char* kLog =
    "user,item,time,part\n"
    "u,a,2020-01-01,train\nu,b,2020-01-02,train\nu,c,2020-01-03,train\nu,d,2020-01-04,val\nu,e,2020-01-05,test\n"
    "v,b,2020-01-02,train\nv,a,2020-01-04,test\nv,c,2020-01-08,train\nv,d,2020-01-09,test\n"
    "w,c,2020-01-08,valid\nw,a,2020-01-09,test\nw,e,2020-01-10,test\n";

SplitOptions way(SplitBy by) {
  SplitOptions options;
  options.by = by;
  return options;
}

SplitOptions leave_last(int valid_items, int test_items) {
  SplitOptions options = way(SplitBy::leave_last);
  options.valid_items = valid_items;
  options.test_items = test_items;
  return options;
}

SplitOptions by_time(const char* valid_from, const char* test_from) {
  SplitOptions options = way(SplitBy::time);
  options.valid_from = valid_from;
  options.test_from = test_from;
  return options;
}

SplitOptions by_column(const char* column) {
  SplitOptions options = way(SplitBy::column);
  options.column = column;
  return options;
}

struct DividedLog {
  TempDir dir;
  PreprocessReport report;
  Interactions interactions;
  std::string sequences, parts;
};

/// Preprocesses the files of a split: the interactions, then valid and test if there are any.
std::unique_ptr<DividedLog> divided(const std::vector<std::string>& texts, SplitOptions split,
                                    DatasetOptions options = {}) {
  auto run = std::make_unique<DividedLog>();
  PreprocessJob job;
  job.dataset = std::move(options);
  job.dataset.dataset_name = "own";
  if (job.dataset.format == "movielens") job.dataset.format = "csv";
  job.dataset.min_interactions = 1;
  job.dataset.min_rating = 0;
  job.dataset.repeats = Repeats::keep;
  job.dataset.items_without_words = ItemsWithoutWords::off;
  job.dataset.split = std::move(split);
  const std::filesystem::path files[] = {run->dir / "train.csv", run->dir / "valid.csv", run->dir / "test.csv"};
  for (size_t i = 0; i < texts.size(); ++i) write_text(files[i], texts[i]);
  job.interactions_path = files[0];
  if (texts.size() == 3) job.valid_path = files[1];
  if (texts.size() > 1) job.test_path = texts.size() == 3 ? files[2] : files[1];
  job.output_folder = run->dir / "out";
  run->report = preprocess(job);
  run->sequences = read_text(job.output_folder / "own.csv");
  const auto parts = job.output_folder / "own_parts.tsv";
  const bool has_parts = std::filesystem::exists(parts);
  if (has_parts) run->parts = read_text(parts);
  run->interactions = read_interactions(job.output_folder / "own.csv", has_parts ? parts : std::filesystem::path());
  return run;
}

DatasetOptions log_options() {
  DatasetOptions options;
  options.format = "csv";
  return options;
}

std::vector<std::vector<int32_t>> targets(const Interactions& interactions, Split split) {
  std::vector<std::vector<int32_t>> all;
  for (const Target& target : targets_of(interactions, split))
    all.push_back({static_cast<int32_t>(target.user), item_of(interactions, target)});
  return all;
}

using Targets = std::vector<std::vector<int32_t>>;

Interactions counting(std::vector<int> lengths) {
  Interactions interactions;
  int32_t next = 1;
  for (size_t u = 0; u < lengths.size(); ++u) {
    std::vector<int32_t> items;
    for (int i = 0; i < lengths[u]; ++i) items.push_back(next++);
    interactions.add_user(static_cast<int64_t>(u) + 1, items);
  }
  return interactions;
}

/// A log of `users` users with 3 to 32 items at times that overlap; each item has three users at least.
std::string long_log(int users) {
  std::string text = kHeader;
  for (int u = 0; u < users; ++u)
    for (int i = 0; i < 3 + (u * 7) % 30; ++i) {
      const char* parts[] = {"train", "train", "train", "valid", "test"};
      text += "u" + std::to_string(u) + ",i" + std::to_string((u * 13 + i * i) % 17) + "," +
              std::to_string(1'500'000'000 + u * 1000 + i * 9000) + "," + parts[(u + i) % 5] + "\n";
    }
  return text;
}

}  // namespace

TEST_CASE("the table of ways has the names of the settings", "[split_ways]") {
  for (size_t i = 0; i < kSplitWays.size(); ++i) CHECK(kSplitWays[i].name == kSplitNames[i]);
}

TEST_CASE("leave-last-n leaves short users to training", "[split_ways]") {
  const Divide divide = make_divide(leave_last(1, 2), {});
  const auto parts = [&](size_t length) {
    const UserParts p = divide(length, {});
    return std::pair(p.train, p.valid);
  };
  CHECK(parts(6) == std::pair<int64_t, int64_t>(3, 4));
  CHECK(parts(4) == std::pair<int64_t, int64_t>(1, 2));
  CHECK(parts(3) == std::pair<int64_t, int64_t>(3, 3));
}

TEST_CASE("leave-last-1 is leave-one-out, record by record", "[split_ways]") {
  const Interactions one_out = counting({3, 4, 9, 30, 61});
  Interactions last = one_out;
  const Divide divide = make_divide(way(SplitBy::leave_last), {});
  for (int64_t u = 0; u < last.num_users(); ++u) last.parts.push_back(divide(last.sequence(u).size(), {}));
  for (const char* key : {"raw", "valid", "test", "1755", "7702"}) {
    const auto a = make_split(one_out, key, 25), b = make_split(last, key, 25);
    REQUIRE(a.size() == b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      CHECK(a[i].customer_id == b[i].customer_id);
      CHECK(a[i].history == b[i].history);
      CHECK(a[i].target == b[i].target);
    }
  }
}

TEST_CASE("several targets of a user have ids of their own and all that came before", "[split_ways]") {
  Interactions interactions = counting({6, 3});
  interactions.parts = {{.train = 2, .valid = 3}, {.train = 3, .valid = 3}};
  const auto test = make_split(interactions, "test", 25);
  REQUIRE(test.size() == 3);
  CHECK(test[0].customer_id == "1_raw_test");
  CHECK(test[1].customer_id == "1_raw_2_test");
  CHECK(test[2].customer_id == "1_raw_3_test");
  CHECK(test[2].target == 6);
  CHECK(test[2].history == std::vector<int32_t>{1, 2, 3, 4, 5});
  for (const SplitRecord& record : test) {
    const auto before = items_before_target(interactions, 0, record);
    CHECK(std::vector<int32_t>(before.begin(), before.end()) == record.history);
  }
  const auto raw = make_split(interactions, "raw", 25);
  REQUIRE(raw.size() == 2);
  CHECK(raw[0].target == 2);
  CHECK(raw[1].target == 9);
  SplitRecord no_target;
  no_target.customer_id = "2_raw_test";
  CHECK_THROWS_AS(items_before_target(interactions, 1, no_target), Error);
}

TEST_CASE("a split by time: dates, seconds and shares", "[split_ways]") {
  SECTION("dates and seconds") {
    const char* moment = GENERATE("2020-01-04", "1578096000");
    const auto run = divided({kLog}, by_time(moment, "2020-01-08"), log_options());
    CHECK(run->sequences == "1\t1 2 3 4 5\n2\t2 1 3 4\n3\t3 1 5\n");
    CHECK(run->parts == "user\ttrain\tvalid\ttest\n1\t3\t2\t0\n2\t1\t1\t2\n3\t0\t0\t3\n");
    CHECK(targets(run->interactions, Split::valid) == Targets{{0, 4}, {0, 5}, {1, 1}});
    // The first item of user 3 has nothing before it.
    CHECK(targets(run->interactions, Split::test) == Targets{{1, 3}, {1, 4}, {2, 1}, {2, 5}});
    REQUIRE(run->report.split.has_value());
    CHECK(run->report.split->train.interactions == 4);
    CHECK(run->report.split->train.users == 2);
    CHECK(run->report.split->train.items == 3);
    CHECK(run->report.split->test.interactions == 5);
    CHECK(run->report.split->without_history == 1);
    CHECK(users_to_train(run->interactions) == std::vector<int64_t>{0, 1});
  }
  SECTION("shares: of twelve interactions, six come before day 5 and nine before day 9") {
    const auto run = divided({kLog}, by_time("0.5", "0.75"), log_options());
    CHECK(run->parts == "user\ttrain\tvalid\ttest\n1\t4\t1\t0\n2\t2\t1\t1\n3\t0\t1\t2\n");
  }
  SECTION("what cannot be is said") {
    CHECK_THROWS_WITH(divided({kLog}, by_time("yesterday", "0.9"), log_options()),
                      Contains("datasets.split.valid_from"));
    CHECK_THROWS_WITH(divided({kLog}, by_time("2020-01-08", "2020-01-04"), log_options()), Contains("is later than"));
    CHECK_THROWS_WITH(divided({kLog}, by_time("2021-01-08", "2021-01-09"), log_options()),
                      Contains("leaves no target of validation"));
    DatasetOptions pairs;
    pairs.format = "pairs";
    CHECK_THROWS_WITH(divided({"u a\nu b\nu c\nv a\nv b\nv c\nw a\nw b\nw c\n"}, by_time("0.5", "0.9"), pairs),
                      Contains("the dataset has no times"));
  }
}

TEST_CASE("a split that a column gives orders each part by time", "[split_ways]") {
  const auto run = divided({kLog}, by_column("part"), log_options());
  // v: training b and c, then the test a and d, although c came after a.
  CHECK(run->sequences == "1\t1 2 3 4 5\n2\t2 3 1 4\n3\t3 1 5\n");
  CHECK(run->parts == "user\ttrain\tvalid\ttest\n1\t3\t1\t1\n2\t2\t0\t2\n3\t0\t1\t2\n");

  CHECK_THROWS_WITH(divided({kLog}, by_column("fold"), log_options()),
                    Contains("datasets.split.column names 'fold', but the columns are 'user', 'item', 'time', 'part'"));
  std::string wrong = kLog;
  wrong += "w,a,2020-01-11,later\n";
  CHECK(divided({wrong}, by_column("part"), log_options())->report.interactions_file.malformed == 1);
}

TEST_CASE("a split that files give", "[split_ways]") {
  const std::string head = "user,item,time\n";
  const std::string train = head + "u,a,1\nu,b,2\nu,c,3\nv,a,1\nv,b,9\nv,c,10\nw,b,1\nw,c,2\nw,a,3\n",
                    valid = head + "u,d,4\nv,d,4\nw,d,4\n", test = head + "u,e,5\nv,e,2\nw,e,5\n";
  const auto run = divided({train, valid, test}, way(SplitBy::files), log_options());
  CHECK(run->sequences == "1\t1 2 3 4 5\n2\t1 2 3 4 5\n3\t2 3 1 4 5\n");
  CHECK(run->parts == "user\ttrain\tvalid\ttest\n1\t3\t1\t1\n2\t3\t1\t1\n3\t3\t1\t1\n");
  CHECK(run->report.ratings_read == 15);

  const auto without_valid = divided({train, test}, way(SplitBy::files), log_options());
  CHECK(without_valid->parts == "user\ttrain\tvalid\ttest\n1\t2\t1\t1\n2\t2\t1\t1\n3\t2\t1\t1\n");
}

TEST_CASE("without times, the lines of a given split stay in order", "[split_ways]") {
  DatasetOptions options = log_options();
  options.sort_by_time = GENERATE(false, true);
  const auto run = divided({"user,item,part\nu,c,test\nu,b,train\nu,a,train\nv,a,train\nv,b,valid\nv,c,test\n"
                            "w,b,train\nw,a,valid\nw,c,test\n"},
                           by_column("part"), options);
  CHECK(run->parts == "user\ttrain\tvalid\ttest\n1\t2\t0\t1\n2\t1\t1\t1\n3\t1\t1\t1\n");
  CHECK(run->sequences == "1\t1 2 3\n2\t2 1 3\n3\t1 2 3\n");
}

TEST_CASE("leave-one-out writes no parts, and removes those of another split", "[split_ways]") {
  const auto run = divided({kLog}, {}, log_options());
  CHECK(run->parts.empty());
  CHECK_FALSE(run->report.split.has_value());
  CHECK_FALSE(run->report.to_json().contains("split"));
}

TEST_CASE("parts that do not fit the sequences are refused", "[split_ways]") {
  const auto run = divided({kLog}, way(SplitBy::leave_last), log_options());
  const auto file = run->dir / "out/own_parts.tsv";
  const char* broken =
      GENERATE("user\ttrain\tvalid\ttest\n1\t3\t1\t2\n", "user\ttrain\tvalid\ttest\n9\t3\t1\t1\n",
               "user\ttrain\tvalid\ttest\n1\t3\t1\t1\n", "1\t3\t1\t1\n", "user\ttrain\tvalid\ttest\n1\tx\t1\t1\n");
  write_text(file, broken);
  CHECK_THROWS_AS(read_interactions(run->dir / "out/own.csv", file), Error);
}

TEST_CASE("no way trains on a target of validation or test", "[split_ways]") {
  const SplitOptions ways[] = {way(SplitBy::leave_one_out), leave_last(2, 4), by_time("0.6", "0.8"), by_column("part")};
  for (const SplitOptions& split : ways) {
    CAPTURE(kSplitNames.at(static_cast<size_t>(split.by)));
    const auto run = divided({long_log(60)}, split, log_options());
    const Interactions& interactions = run->interactions;
    int64_t covered = 0;
    for (int64_t u = 0; u < interactions.num_users(); ++u) {
      const UserParts parts = interactions.parts_of(u);
      REQUIRE(parts.train <= parts.valid);
      REQUIRE(parts.valid <= static_cast<int64_t>(interactions.sequence(u).size()));
      covered += parts.train;
    }
    // What training sees of each user is a prefix that ends before the first target.
    PretrainOptions options;
    options.encoder.max_seq_length = 50;
    SequenceBatcher batcher(interactions, options, {}, 1);
    for (const int64_t user : users_to_train(interactions)) {
      const auto training = interactions.training(user);
      const TrainingBatch batch = batcher.training_batch(std::vector<int64_t>{user}, 1, 0, 2);
      const std::vector<int32_t> all(training.begin(), training.end());
      std::vector<int64_t> seen, positive;
      for (size_t i = 0; i < 50; ++i) {
        if (batch.ids[i] != 0) seen.push_back(batch.ids[i]);
        if (batch.positive[i] != 0) positive.push_back(batch.positive[i]);
      }
      CHECK(seen == std::vector<int64_t>(all.begin(), all.end() - 1));
      CHECK(positive == std::vector<int64_t>(all.begin() + 1, all.end()));
      for (size_t i = 50; i < batch.ids.size(); ++i)
        CHECK((batch.ids[i] == 0 || std::find(all.begin(), all.end(), batch.ids[i]) != all.end()));
    }
    // The records that EM trains on end inside the training part.
    std::map<int64_t, int64_t> rows;
    for (int64_t u = 0; u < interactions.num_users(); ++u) rows[interactions.user_ids[static_cast<size_t>(u)]] = u;
    for (const char* key : {"raw", "1755", "2097"})
      for (const SplitRecord& record : make_split(interactions, key, 6)) {
        const auto training = interactions.training(rows.at(record.user));
        std::vector<int32_t> window = record.history;
        window.push_back(record.target);
        CHECK(std::search(training.begin(), training.end(), window.begin(), window.end()) != training.end());
      }
    // Each interaction is trained on, is a target, or is a user's first.
    const auto counted = static_cast<int64_t>(targets_of(interactions, Split::valid).size() +
                                              targets_of(interactions, Split::test).size());
    const int64_t without_history = run->report.split ? run->report.split->without_history : 0;
    CHECK(covered + counted + without_history == static_cast<int64_t>(interactions.items.size()));
    std::set<std::string> ids;
    for (const char* key : {"valid", "test"})
      for (const SplitRecord& record : make_split(interactions, key, 25)) CHECK(ids.insert(record.customer_id).second);
    CHECK(static_cast<int64_t>(ids.size()) == counted);
  }
}

TEST_CASE("Amazon's published files of a split are read as they are", "[split_ways]") {
  const auto folder = real_data_dir().empty() ? std::filesystem::path()
                                              : real_data_dir().parent_path() / "cases/datasets/amazon-2023-history";
  if (!std::filesystem::exists(folder)) return;
  DatasetOptions options;
  options.format = "amazon-2023-csv";
  const auto run = divided({read_text(folder / "Oddments.train.csv"), read_text(folder / "Oddments.valid.csv"),
                            read_text(folder / "Oddments.test.csv")},
                           way(SplitBy::files), options);
  CHECK(run->report.ratings_read == 43);
  CHECK(run->report.users == 7);
  for (int64_t u = 0; u < run->interactions.num_users(); ++u) {
    const auto length = static_cast<int64_t>(run->interactions.sequence(u).size());
    CHECK(run->interactions.parts_of(u).train == length - 2);
    CHECK(run->interactions.parts_of(u).valid == length - 1);
  }
}
