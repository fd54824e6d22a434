// Lists of the command `recommend` are the evaluation's rankings, and its files are read line by line.
#include "service/api/recommendations.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "api/tiny_run.h"
#include "base/metrics/rank_file.h"
#include "base/util/error.h"
#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

constexpr int kAll = 1'000'000;

Recommendations tiny_lists(const RecommendOptions& options) { return recommend(tiny_run().folder, {}, options); }

/// The target's rank as the evaluation counts it, ties against it; 0 where it is not in the list.
Rank rank_in(const Recommendation& list, int64_t target) {
  const auto found = std::find_if(list.items.begin(), list.items.end(),
                                  [target](const RankedItem& item) { return item.id == target; });
  if (found == list.items.end()) return 0;
  return static_cast<Rank>(std::count_if(list.items.begin(), list.items.end(),
                                         [&](const RankedItem& item) { return item.score >= found->score; }));
}

/// The ranks of the test users in the order of the file.
std::vector<Rank> test_ranks(const RankFile& file, const Recommendations& lists) {
  std::vector<Rank> ranks;
  for (size_t i = 0; i < file.users.customer_ids.size(); ++i) {
    const std::string& customer = file.users.customer_ids[i];  // "<user>_raw_test"
    const std::string user = customer.substr(0, customer.find('_'));
    const auto list = std::find_if(lists.users.begin(), lists.users.end(),
                                   [&](const Recommendation& one) { return one.user == user; });
    REQUIRE(list != lists.users.end());
    ranks.push_back(rank_in(*list, file.users.targets[i]));
  }
  return ranks;
}

std::string message_of(const RecommendOptions& options) {
  try {
    tiny_lists(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("the lists as of the test item have the ranks that evaluate wrote", "[api][recommend]") {
  const RankFile kept = read_ranks_tsv(tiny_run().folder / "evaluate/ranks_test_seen_kept.tsv");
  RecommendOptions options{.top = kAll, .moment = Moment::test, .history_items = HistoryItems::keep};
  CHECK(test_ranks(kept, tiny_lists(options)) == kept.find("without text")->ranks);
  options.with_utterances = true;
  const Recommendations lists = tiny_lists(options);
  CHECK(test_ranks(kept, lists) == kept.find("with text")->ranks);
  CHECK(lists.users.size() == static_cast<size_t>(tiny_run().interactions.num_users()));
}

TEST_CASE("items of the history may be left out, and now is after all items", "[api][recommend]") {
  const Interactions& data = tiny_run().interactions;
  const std::string user = std::to_string(data.user_ids[3]);
  const auto sequence = data.sequence(3);
  const Recommendations lists = tiny_lists({.top = kAll, .users = {user}, .history_items = HistoryItems::leave_out});
  REQUIRE(lists.users.size() == 1);
  CHECK(lists.users[0].history == static_cast<int64_t>(sequence.size()));
  std::set<int64_t> listed;
  for (const RankedItem& item : lists.users[0].items) listed.insert(item.id);
  CHECK(listed.size() == data.distinct_items().size() - std::set(sequence.begin(), sequence.end()).size());
  for (const int32_t item : sequence) CHECK(listed.count(item) == 0);
  CHECK(tiny_lists({.top = 4, .users = {user}}).users[0].items.size() == 4);
}

TEST_CASE("histories of a file are ranked as the public interface ranks them", "[api][recommend]") {
  const Recommender recommender = Recommender::open(tiny_run().folder);
  const auto sequence = tiny_run().interactions.sequence(0);
  const std::vector<int64_t> history(sequence.begin(), sequence.begin() + 5);
  const ItemDetails named = *recommender.item(history[0]);
  const std::string words = tiny_run().test.front().response;
  const TempDir folder;
  nlohmann::json line = {{"user", "me"}, {"history", history}, {"utterance", words}};
  line["history"][0] = named.title;
  write_text(folder / "mine.jsonl", line.dump() + "\n\n{\"history\": [99999999, \"No such film\"]}\n{\"user\": 8, " +
                                        "\"history\": [" + std::to_string(history[1]) + "]}\n");
  const Recommendations lists =
      tiny_lists({.top = 7, .histories = folder / "mine.jsonl", .history_items = HistoryItems::keep});
  REQUIRE(lists.users.size() == 3);
  CHECK(lists.users[0].user == "me");
  CHECK(lists.users[1].user == "3");
  CHECK(lists.users[2].user == "8");
  CHECK(lists.users[0].with_text);
  const std::vector<RankRequest> requests = {
      {.history = history, .utterance = words, .k = 7, .history_items = HistoryItems::keep},
      {.history = {}, .k = 7, .history_items = HistoryItems::keep},
      {.history = {history[1]}, .k = 7, .history_items = HistoryItems::keep}};
  for (size_t i = 0; i < requests.size(); ++i) {
    const Ranking alone = recommender.rank(requests[i]);
    REQUIRE(lists.users[i].items.size() == alone.items.size());
    for (size_t k = 0; k < alone.items.size(); ++k) {
      CHECK(lists.users[i].items[k].id == alone.items[k].id);
      CHECK(lists.users[i].items[k].title == alone.items[k].title);
      CHECK(lists.users[i].items[k].score == Approx(alone.items[k].score).margin(1e-5));
    }
  }
  REQUIRE(lists.notes.size() == 2);
  CHECK_THAT(lists.notes[0], Contains("mine.jsonl:3 and 1 more: An item of the history is not in the dataset"));
  CHECK_THAT(lists.notes[1], Contains("mine.jsonl:3: There is neither an item nor a word"));
}

TEST_CASE("only chosen items are ranked, in the order of the whole ranking", "[api][recommend]") {
  const Recommendations whole =
      tiny_lists({.top = kAll, .users = {std::to_string(tiny_run().interactions.user_ids[0])}});
  const std::vector<RankedItem>& all = whole.users[0].items;
  const TempDir folder;
  write_text(folder / "items.txt", std::to_string(all[9].id) + "\n" + all[2].title + "\nno such item\n");
  const Recommendations chosen =
      tiny_lists({.top = kAll, .users = {whole.users[0].user}, .items = folder / "items.txt"});
  REQUIRE(chosen.users[0].items.size() == 2);
  CHECK(chosen.users[0].items[0].id == all[2].id);
  CHECK(chosen.users[0].items[1].id == all[9].id);
  CHECK_THAT(chosen.notes.at(0), Contains("items.txt:3"));
}

TEST_CASE("vectors on disk multiply to the scores, and give the nearest items", "[api][recommend]") {
  const TempDir folder;
  const Recommendations lists =
      tiny_lists({.top = kAll, .history_items = HistoryItems::keep, .vectors = folder.path()});
  const at::Tensor users = read_npy(folder / "user_vectors.npy"), items = read_npy(folder / "item_vectors.npy");
  CHECK(read_npy(folder / "user_states.npy").sizes() == users.sizes());
  const DenseItems dense = make_dense_items(tiny_run().interactions);
  const at::Tensor scores = users.matmul(items.t());
  REQUIRE(scores.size(0) == static_cast<int64_t>(lists.users.size()));
  for (const size_t user : {size_t{0}, lists.users.size() - 1})
    for (const RankedItem& item : lists.users[user].items) {
      const int64_t row = dense.dense_from_raw[static_cast<size_t>(item.id)] - 1;
      CHECK(scores[static_cast<int64_t>(user)][row].item<float>() == Approx(item.score).margin(1e-4));
    }
  const int64_t first = dense.raw_from_dense[1];
  const Recommendations near = tiny_lists({.top = 3, .like = std::to_string(first)});
  const at::Tensor unit = items / items.norm(2, 1, true);
  const at::Tensor best = std::get<1>(unit.matmul(unit[0]).topk(4));
  REQUIRE(near.users[0].items.size() == 3);
  for (int i = 0; i < 3; ++i)
    CHECK(dense.dense_from_raw[static_cast<size_t>(near.users[0].items[static_cast<size_t>(i)].id)] - 1 ==
          best[i + 1].item<int64_t>());
  const std::string table = read_text(folder / "items.tsv");
  CHECK(table.starts_with("item\ttitle\n" + std::to_string(first) + "\t"));
}

TEST_CASE("lists are written as a table of lines and as JSON lines", "[api][recommend]") {
  const Recommendations lists = {
      .users = {{.user = "u", .history = 2, .with_text = true, .items = {{7, "Say \"Big\"", 0.5}, {8, "Up", -1}}}},
      .notes = {}};
  CHECK(to_tsv(lists) == "user\trank\titem\ttitle\tscore\nu\t1\t7\t\"Say \"\"Big\"\"\"\t0.5\nu\t2\t8\tUp\t-1\n");
  CHECK(to_jsonl(lists) ==
        R"({"history":2,"items":[{"item":7,"score":0.5,"title":"Say \"Big\""},{"item":8,"score":-1.0,"title":"Up"}],)"
        R"("user":"u","with_text":true})"
        "\n");
}

TEST_CASE("what cannot be recommended to is said", "[api][recommend]") {
  const TempDir folder;
  write_text(folder / "bad.jsonl", "{\"history\": [1]}\n{\"history\": 5}\n");
  write_text(folder / "cut.jsonl", "{\"history\": [1]\n");
  write_text(folder / "empty.jsonl", "\n");
  CHECK_THAT(message_of({.users = {"no-user"}}), Contains("has no user no-user"));
  CHECK_THAT(message_of({.histories = folder / "bad.jsonl"}), Contains("bad.jsonl:2: "));
  CHECK_THAT(message_of({.histories = folder / "cut.jsonl"}), Contains("cut.jsonl:1: not a JSON object"));
  CHECK_THAT(message_of({.histories = folder / "empty.jsonl"}), Contains("there are no histories in it"));
  CHECK_THAT(message_of({.items = folder / "empty.jsonl"}), Contains("names no item"));
  CHECK_THAT(message_of({.users_file = folder / "empty.jsonl"}), Contains("it names no user"));
  CHECK_THAT(message_of({.like = "No such film at all"}), Contains("has no such item"));
  CHECK_THAT(message_of({.with_utterances = true}), Contains("--as-of"));
}
