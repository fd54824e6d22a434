// A conversation shows what the evaluation's dialogues showed to a user who says the same.
#include "latentcrs/conversation.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "api/tiny_run.h"
#include "base/util/files.h"
#include "latentcrs/recommender.h"

using namespace latentcrs;
using namespace latentcrs::test;
using nlohmann::json;

namespace {

const Recommender& conversing_recommender() {
  static const Recommender recommender = Recommender::open(tiny_run().folder);
  return recommender;
}

std::vector<int64_t> ids_of(const std::vector<RankedItem>& items) {
  std::vector<int64_t> ids;
  for (const RankedItem& item : items) ids.push_back(item.id);
  return ids;
}

bool shows(const ConversationTurn& turn, int64_t id) {
  const std::vector<int64_t> ids = ids_of(turn.shown);
  return std::find(ids.begin(), ids.end(), id) != ids.end();
}

int64_t user_of(const json& dialogue) {
  const auto customer = dialogue.at("customer_id").get<std::string>();
  return std::stoll(customer.substr(0, customer.find('_')));
}

}  // namespace

TEST_CASE("a dialogue with the recorded words shows what the transcript says", "[api]") {
  LineReader reader(tiny_run().folder / "evaluate/transcripts.jsonl");
  int dialogues = 0, longer = 0;
  for (std::string_view line; reader.next(line);) {
    const json dialogue = json::parse(line);
    Conversation conversation =
        conversing_recommender().converse({.history = tiny_run().history_of(user_of(dialogue))});
    std::vector<EarlierTurn> earlier;
    for (const json& turn : dialogue.at("turns")) {
      const auto shown = turn.at("shown").get<std::vector<int64_t>>();
      const ConversationTurn& ours = conversation.say(turn.at("user").get<std::string>());
      CHECK(ids_of(ours.shown) == shown);
      CHECK(ours.wanted == turn.at("intents").get<std::string>());
      CHECK(ours.features == turn.at("features").get<std::vector<std::string>>());
      // Going on from a record is the same as having been there.
      Conversation resumed =
          conversing_recommender().converse({.history = tiny_run().history_of(user_of(dialogue)), .earlier = earlier});
      CHECK(ids_of(resumed.say(turn.at("user").get<std::string>()).shown) == shown);
      earlier.push_back({turn.at("user").get<std::string>(), shown});
    }
    ++dialogues;
    longer += dialogue.at("turns").size() > 1;
  }
  CHECK(dialogues > 50);
  CHECK(longer > 10);
}

TEST_CASE("accepted and rejected items are not shown again", "[api]") {
  const std::vector<int64_t> history = tiny_run().history_of(tiny_run().test.front().record.user);
  const std::string words = tiny_run().test.front().response;
  Conversation conversation = conversing_recommender().converse({.history = history, .shown_items = 3});
  const ConversationTurn first = conversation.say(words);
  REQUIRE(first.shown.size() == 3);
  CHECK(first.intents.size() == 3);

  Conversation other = conversing_recommender().converse({.history = history, .shown_items = 3});
  other.reject(first.shown[0].id);
  CHECK_FALSE(shows(other.say(words), first.shown[0].id));

  conversation.accept(first.shown[1].id);
  CHECK(conversation.history().size() == history.size() + 1);
  CHECK(conversation.history().back() == first.shown[1].id);
  std::set<int64_t> seen;
  for (int turn = 0; turn < 4; ++turn)
    for (const RankedItem& item : conversation.say(words).shown) CHECK(seen.insert(item.id).second);
  for (const RankedItem& item : first.shown) CHECK_FALSE(seen.contains(item.id));
  CHECK(conversation.turns().size() == 5);
}

TEST_CASE("a conversation lives on without its recommender's handle", "[api]") {
  auto conversation = [] { return Recommender(conversing_recommender()).converse(); }();
  CHECK(conversation.history().empty());
  CHECK(conversation.say("something funny").shown.size() == 5);
  Conversation moved = std::move(conversation);
  CHECK(moved.turns().size() == 1);
}

TEST_CASE("a mistake leaves the conversation as it was", "[api]") {
  Conversation conversation = conversing_recommender().converse();
  CHECK_THROWS_AS(conversation.say("  "), Error);
  CHECK_THROWS_AS(conversation.say("caf\xe9"), Error);
  CHECK_THROWS_AS(conversation.accept(99'999'999), Error);
  CHECK_THROWS_AS(conversation.reject(0), Error);
  CHECK(conversation.turns().empty());
  CHECK(conversation.history().empty());
  CHECK_THROWS_AS(conversing_recommender().converse({.shown_items = 1000}), Error);
  CHECK_THROWS_AS(conversing_recommender().converse({.earlier = {{"", {}}}}), Error);
  CHECK_THROWS_AS(conversing_recommender().converse({.history = {-3}}), Error);
}
