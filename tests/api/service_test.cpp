// What the commands `chat` and `serve` ask a recommender beyond the public interface.
#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <memory>

#include "api/tiny_run.h"
#include "base/util/error.h"
#include "service/api/run_recommender.h"
#include "service/talk/talk_session.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

std::shared_ptr<const RunRecommender> service() {
  static const auto recommender = std::make_shared<const RunRecommender>(tiny_run().folder, OpenOptions{});
  return recommender;
}

const Utterance& first_said() { return tiny_run().test.front(); }

RankRequest first_request() {
  return {.history = tiny_run().history_of(first_said().record.user), .utterance = first_said().response, .k = 20};
}

std::vector<int64_t> ids(const std::vector<RankedItem>& items) {
  std::vector<int64_t> result;
  for (const RankedItem& item : items) result.push_back(item.id);
  return result;
}

}  // namespace

TEST_CASE("the order of all items begins with the ranking", "[api]") {
  const std::vector<int64_t> order = service()->order(first_request());
  CHECK(static_cast<int64_t>(order.size()) == service()->info().items);
  CHECK(std::vector<int64_t>(order.begin(), order.begin() + 20) == ids(service()->rank(first_request()).items));
  RankRequest masked = first_request();
  masked.history_items = HistoryItems::leave_out;
  CHECK(service()->order(masked).size() < order.size());
}

TEST_CASE("a session shows what a conversation shows", "[api][talk]") {
  const std::vector<int64_t> history = first_request().history;
  Conversation conversation =
      Recommender::open(tiny_run().folder).converse({.history = history, .history_items = HistoryItems::leave_out});
  TalkSession session(service(), {.history = history});
  for (const std::string& sentence :
       {first_said().response, std::string("I want a comedy with romance"), std::string("Or perhaps an adventure?")}) {
    std::vector<int64_t> shown;
    for (const ShownItem& item : session.say(sentence).shown) shown.push_back(item.item.id);
    CHECK(shown == ids(conversation.say(sentence).shown));
  }
}

TEST_CASE("places in a turn are those of the rankings", "[api][talk]") {
  TalkSession session(service(), {.history = first_request().history, .history_items = HistoryItems::keep});
  const TalkTurn& turn = session.say(first_said().response);
  const auto with_words = service()->order({.history = first_request().history, .utterance = turn.wanted});
  const auto alone = service()->order({.history = first_request().history});
  for (const ShownItem& shown : turn.shown) {
    CHECK(with_words.at(static_cast<size_t>(shown.rank) - 1) == shown.item.id);
    CHECK(alone.at(static_cast<size_t>(shown.rank_alone) - 1) == shown.item.id);
  }
  CHECK(turn.intents.size() == 3);
}

TEST_CASE("criticism moves the list", "[api][talk]") {
  TalkSession session(service(), {.history = first_request().history});
  const TalkTurn first = session.say("I want a comedy");
  const TalkTurn liked = session.criticise({.liked = {first.shown[1].item.id}});
  CHECK(session.why(first.shown[1].item.id).rank == 0);  // it is read as a part of the history
  for (const ShownItem& shown : liked.shown)
    for (const ShownItem& before : first.shown) CHECK(shown.item.id != before.item.id);
  const TalkTurn older = session.criticise({.year = YearWish::older, .than = 1990});
  for (const ShownItem& shown : older.shown) CHECK(shown.item.year < 1990);
}

TEST_CASE("intents are named, and their parts sum to what they add", "[api]") {
  const std::vector<RankedItem> near = service()->items_of_intent(0, 5);
  REQUIRE(near.size() == 5);
  CHECK(near[0].score <= 1.0001);
  for (size_t i = 1; i < near.size(); ++i) CHECK(near[i].score <= near[i - 1].score);
  CHECK_THROWS_AS(service()->items_of_intent(service()->info().intents, 1), Error);

  // Over all items an intent adds nothing on the mean, so the parts of all items sum to 0; for the best item they are
  // the score above the mean score.
  for (const std::string& words : {first_said().response, std::string()}) {
    RankRequest request = first_request();
    request.utterance = words;
    request.k = static_cast<int>(service()->info().items);
    const Ranking ranking = service()->rank(request);
    double mean = 0;
    for (const RankedItem& item : ranking.items) mean += item.score / static_cast<double>(ranking.items.size());
    const auto parts = service()->intent_parts(request, ranking.items[0].id, 1000);
    double positive = 0;
    for (const IntentPart& part : parts) positive += part.part;
    CHECK(positive >= ranking.items[0].score - mean - 1e-3);
    for (size_t i = 1; i < parts.size(); ++i) CHECK(parts[i].part <= parts[i - 1].part);
    CHECK(parts.front().rank >= 1);
  }
}

TEST_CASE("items are sorted by nearness, and users have their histories", "[api]") {
  const int64_t item = first_request().history.front();
  const auto sorted = service()->by_nearness(item, {first_request().history.back(), item});
  CHECK(sorted.front().id == item);
  CHECK(sorted.front().score == Approx(1).epsilon(1e-5));
  const std::string user = std::to_string(first_said().record.user);
  CHECK(service()->history_of(user, Moment::test) == first_request().history);
  CHECK(service()->history_of(user, Moment::now).size() == first_request().history.size() + 1);
  CHECK_THROWS_AS(service()->history_of("nobody", Moment::now), Error);
}
