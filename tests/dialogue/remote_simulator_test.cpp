#include "language/dialogue/remote_simulator.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "dialogue/scripted_chat.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

TEST_CASE("the model speaks as the user, with the roles swapped", "[remote_simulator]") {
  const ItemCatalogue items = two_films();
  const auto chat = std::make_shared<ScriptedChat>(
      std::vector<ChatOutcome>{{.kind = Kind::text, .text = " I want a comedy. \n"},
                               {.kind = Kind::blocked, .text = "no", .reason = "SAFETY", .unusable = 3},
                               {.kind = Kind::truncated, .text = "I wou", .reason = "MAX_TOKENS"}});
  const SplitRecord record{.customer_id = "1_raw_raw", .user = 1, .history = {1}, .target = 2};
  const UtteranceRequest opening{.record = &record, .turns = {}, .prompt = "act"};
  UtteranceRequest later = opening;
  later.turns = {{"something funny", {1, 2}}, {"no, newer", {2}}};
  later.attempt = 2;
  later.renewal = {.attempt = 2, .unusable = 3};
  const auto answers = make_remote_simulator(chat, items)->speak({opening, later, opening}).all;
  CHECK(answers[0].text == "I want a comedy.");
  CHECK_FALSE(answers[1].text);
  CHECK(answers[1].problem == "blocked (SAFETY)");
  CHECK(answers[1].unusable == 3);
  CHECK_FALSE(answers[2].text);
  CHECK(chat->asked[0].messages == std::vector<ChatMessage>{{Role::user, "act"}});
  CHECK(chat->asked[1].attempt == 2);
  CHECK(chat->asked[1].unusable == 3);
  CHECK(chat->asked[1].messages == std::vector<ChatMessage>{{Role::user, "act"},
                                                            {Role::model, "something funny"},
                                                            {Role::user, "The recommended items are: 1. Heat; 2. Big."},
                                                            {Role::model, "no, newer"},
                                                            {Role::user, "The recommended items are: 1. Big."}});
  later.turns[0].shown_items = {9};
  CHECK_THROWS_AS(make_remote_simulator(chat, items)->speak({later}), Error);
}

TEST_CASE("a simulator says how many answers batch jobs have yet to give", "[remote_simulator]") {
  const ItemCatalogue items = two_films();
  const SplitRecord record{.customer_id = "1_raw_raw", .user = 1, .history = {1}, .target = 2};
  const UtteranceRequest opening{.record = &record, .turns = {}, .prompt = "act"};
  const auto chat = std::make_shared<ScriptedChat>(std::vector<ChatOutcome>{});
  CHECK(make_remote_simulator(chat, items)->speak({opening, opening}).to_come == 2);
}

TEST_CASE("a reply without words is no utterance, and whole sentences before a cut may be one", "[remote_simulator]") {
  const ItemCatalogue items = two_films();
  const std::vector<ChatOutcome> script = {
      {.kind = Kind::text, .text = "[END]"},
      {.kind = Kind::text, .text = "."},
      {.kind = Kind::truncated, .text = "I want a comedy. Something wi", .reason = "length", .unusable = 1},
      {.kind = Kind::truncated, .text = "I want a com", .reason = "length", .unusable = 1}};
  const SplitRecord record{.customer_id = "1_raw_raw", .user = 1, .history = {1}, .target = 2};
  const UtteranceRequest opening{.record = &record, .turns = {}, .prompt = "act"};
  const auto speak = [&](CutReplies cut) {
    return make_remote_simulator(std::make_shared<ScriptedChat>(script), items, cut)
        ->speak({opening, opening, opening, opening})
        .all;
  };
  const auto strict = speak(CutReplies::leave_out), kept = speak(CutReplies::keep_sentences);
  for (const size_t i : {0, 1}) {
    CHECK_FALSE(kept[i].text);
    CHECK(kept[i].wordless);
    CHECK(kept[i].problem == kNoWords);
  }
  CHECK_FALSE(strict[2].text);
  CHECK(strict[2].reply == "I want a comedy. Something wi");
  CHECK(kept[2].text == "I want a comedy.");
  CHECK(kept[2].shortened);
  CHECK_FALSE(kept[3].text);
  CHECK(kept[3].problem == "truncated (length)");
  CHECK_FALSE(kept[3].shortened);
}
