// The public interface ranks as the evaluation did, from several threads at once, and says what is wrong.
#include "latentcrs/recommender.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <thread>

#include "api/tiny_run.h"
#include "base/metrics/rank_file.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

const Recommender& tiny_recommender() {
  static const Recommender recommender = Recommender::open(tiny_run().folder);
  return recommender;
}

/// The target's rank as the evaluation counts it, ties against it; 0 where it is not in the ranking.
Rank rank_of(int64_t target, const Ranking& ranking) {
  const auto found = std::find_if(ranking.items.begin(), ranking.items.end(),
                                  [target](const RankedItem& item) { return item.id == target; });
  if (found == ranking.items.end()) return 0;
  return static_cast<Rank>(std::count_if(ranking.items.begin(), ranking.items.end(),
                                         [&](const RankedItem& item) { return item.score >= found->score; }));
}

/// The ranks of all test users in the order of the file; `ask` says what is asked for a user.
template <class Ask>
std::vector<Rank> ranks_of_all(const RankFile& file, Ask ask) {
  std::vector<Rank> ranks;
  for (size_t i = 0; i < file.users.customer_ids.size(); ++i) {
    const auto utterance = std::find_if(tiny_run().test.begin(), tiny_run().test.end(), [&](const Utterance& u) {
      return u.record.customer_id == file.users.customer_ids[i];
    });
    REQUIRE(utterance != tiny_run().test.end());
    RankRequest request = ask(*utterance);
    request.k = 1'000'000;
    ranks.push_back(rank_of(file.users.targets[i], tiny_recommender().rank(request)));
  }
  return ranks;
}

RankRequest with_text(const Utterance& utterance) {
  return {.history = tiny_run().history_of(utterance.record.user), .utterance = utterance.response};
}

RankRequest without_text(const Utterance& utterance) {
  return {.history = tiny_run().history_of(utterance.record.user)};
}

/// The kind of the Error that `body` throws, and its message.
template <class Body>
std::pair<ErrorKind, std::string> error_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return {error.kind(), error.what()};
  }
  FAIL("nothing was thrown");
  return {};
}

}  // namespace

TEST_CASE("ranks with and without text are those that evaluate wrote", "[api]") {
  const RankFile file = read_ranks_tsv(tiny_run().folder / "evaluate/ranks_test_seen_kept.tsv");
  REQUIRE(file.users.targets.size() > 100);
  CHECK(ranks_of_all(file, with_text) == file.find("with text")->ranks);
  CHECK(ranks_of_all(file, without_text) == file.find("without text")->ranks);
  const auto text_only = [](const Utterance& utterance) { return RankRequest{.utterance = utterance.response}; };
  CHECK(ranks_of_all(file, text_only) == file.find("text only")->ranks);
}

TEST_CASE("with the history left out, too", "[api]") {
  const RankFile file = read_ranks_tsv(tiny_run().folder / "evaluate/ranks_test_seen_left_out.tsv");
  const auto left_out = [](auto ask) {
    return [ask](const Utterance& utterance) {
      RankRequest request = ask(utterance);
      request.history_items = HistoryItems::leave_out;
      return request;
    };
  };
  CHECK(ranks_of_all(file, left_out(with_text)) == file.find("with text")->ranks);
  CHECK(ranks_of_all(file, left_out(without_text)) == file.find("without text")->ranks);
}

TEST_CASE("a ranking holds what was asked for", "[api]") {
  const RankRequest whole = with_text(tiny_run().test.front());
  const RunInfo info = tiny_recommender().info();
  RankRequest request = whole;
  request.k = 7;
  request.intents = 2;
  const Ranking ranking = tiny_recommender().rank(request);
  REQUIRE(ranking.items.size() == 7);
  CHECK(ranking.with_text);
  CHECK(std::is_sorted(ranking.items.begin(), ranking.items.end(),
                       [](const RankedItem& a, const RankedItem& b) { return a.score > b.score; }));
  REQUIRE(ranking.intents.size() == 2);
  CHECK(ranking.intents[0].probability >= ranking.intents[1].probability);
  CHECK(ranking.items[0].title == tiny_recommender().item(ranking.items[0].id)->title);

  request.excluded = {ranking.items[0].id, ranking.items[2].id};
  const Ranking rest = tiny_recommender().rank(request);
  CHECK(rest.items[0].id == ranking.items[1].id);
  CHECK(rest.items[1].id == ranking.items[3].id);

  request = whole;
  request.utterance = " \n";
  request.k = 1'000'000;
  request.intents = 1'000'000;
  const Ranking all = tiny_recommender().rank(request);
  CHECK_FALSE(all.with_text);
  CHECK(static_cast<int64_t>(all.items.size()) == info.items);
  CHECK(static_cast<int64_t>(all.intents.size()) == info.intents);
  double sum = 0;
  for (const IntentProbability& intent : all.intents) sum += intent.probability;
  CHECK(sum == Approx(1));
}

TEST_CASE("one recommender answers several threads at once", "[api]") {
  const Recommender recommender = Recommender::open(tiny_run().folder, {.settings = {"device=cpu"}});
  std::vector<RankRequest> requests;
  for (const Utterance& utterance : tiny_run().test)
    for (const RankRequest& request : {with_text(utterance), without_text(utterance)}) requests.push_back(request);
  requests.push_back({.utterance = "something funny"});
  const auto ids_of = [](const Ranking& ranking) {
    std::vector<std::pair<int64_t, double>> items;
    for (const RankedItem& item : ranking.items) items.emplace_back(item.id, item.score);
    return items;
  };
  constexpr int kThreads = 4;
  std::vector<std::vector<std::vector<std::pair<int64_t, double>>>> found(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {  // each from another request on, the last of them the one that needs the mean state
      found[t].resize(requests.size());
      for (size_t i = 0; i < requests.size(); ++i) {
        const size_t at = (requests.size() - 1 + i + static_cast<size_t>(t) * 31 * i) % requests.size();
        found[t][at] = ids_of(recommender.rank(requests[at]));
        recommender.find_items(recommender.item(requests[0].history[0])->title);
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto expected = ids_of(tiny_recommender().rank(requests[i]));
    for (int t = 0; t < kThreads; ++t)
      if (!found[t][i].empty()) CHECK(found[t][i] == expected);
  }
}

TEST_CASE("items are found by their titles", "[api]") {
  const Recommender& recommender = tiny_recommender();
  const Ranking ranking = recommender.rank({.utterance = "anything", .k = 3});
  for (const RankedItem& item : ranking.items) {
    const auto found = recommender.find_items(item.title);
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == item.id);
    CHECK(found[0].title == item.title);
  }
  const auto several = recommender.find_items("1. " + ranking.items[2].title + "\n2. Nothing of the Kind at All\n3. " +
                                              ranking.items[0].title + "\n");
  REQUIRE(several.size() == 2);
  CHECK(several[0].id == ranking.items[2].id);
  CHECK(several[1].id == ranking.items[0].id);
  CHECK(recommender.find_items("Nothing of the Kind at All").empty());
  CHECK_FALSE(recommender.item(-1));
  CHECK_FALSE(recommender.item(99'999'999));
}

TEST_CASE("mistakes in a request are errors of usage", "[api]") {
  const Recommender& recommender = tiny_recommender();
  const auto [kind, message] = error_of([&] { recommender.rank({.history = {99'999'999}}); });
  CHECK(kind == ErrorKind::usage);
  CHECK_THAT(message, Contains("history") && Contains("99999999"));
  CHECK(error_of([&] { recommender.rank({.k = 0}); }).first == ErrorKind::usage);
  CHECK(error_of([&] { recommender.rank({.excluded = {0}}); }).first == ErrorKind::usage);
  CHECK(error_of([&] { recommender.rank({.intents = -1}); }).first == ErrorKind::usage);
  CHECK(error_of([&] { recommender.rank({.utterance = "caf\xe9"}); }).first == ErrorKind::usage);
  CHECK(error_of([&] { recommender.find_items("Heat", 0); }).first == ErrorKind::usage);
}

TEST_CASE("a folder that lacks something is an error that names it", "[api]") {
  const TempDir temp;
  CHECK_THAT(error_of([&] { Recommender::open(temp / "none"); }).second, Contains("no such folder"));
  CHECK_THAT(error_of([&] { Recommender::open(temp.path()); }).second, Contains("no config.yaml"));
  const fs::path partial = temp / "partial";
  fs::create_directory(partial);
  fs::copy_file(tiny_run().folder / "config.yaml", partial / "config.yaml");
  std::vector<std::string> stages = {"preprocess", "pretrain", "simulate", "train"};
  for (const std::string& stage : stages) {
    const auto [kind, message] = error_of([&] { Recommender::open(partial); });
    CHECK(kind == ErrorKind::data);
    CHECK_THAT(message, Contains(stage + " has not been run in " + partial.string()));
    fs::create_directory_symlink(tiny_run().folder / stage, partial / stage);
  }
  CHECK(Recommender::open(partial).info().folder == partial);
  CHECK(error_of([&] { Recommender::open(partial, {.settings = {"no.such.setting=1"}}); }).first == ErrorKind::config);
}
