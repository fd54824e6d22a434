// A conversation with a recommender whose ranking is known (fake_recommender.h): with words Film J, I, H, … come first.
#include "service/talk/talk_session.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/conversations.h"
#include "support/temp_dir.h"
#include "talk/fake_recommender.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

using Ids = std::vector<int64_t>;

Ids shown_in(const TalkTurn& turn) {
  Ids ids;
  for (const ShownItem& shown : turn.shown) ids.push_back(shown.item.id);
  return ids;
}

TalkSession new_session(TalkOptions options = {}) {
  return {std::make_shared<const FakeRecommender>(), std::move(options)};
}

}  // namespace

TEST_CASE("a turn says what is shown, why, and what the words changed", "[talk]") {
  TalkSession session = new_session({.history = {10}});
  const TalkTurn& turn = session.say("an Even one with Even numbers");
  CHECK(shown_in(turn) == Ids{9, 8, 7});  // 10 is in the history
  CHECK(turn.shown[0].rank == 1);
  CHECK(turn.shown[0].rank_alone == 9);
  CHECK(turn.shown[0].facets_wanted.empty());
  CHECK(turn.shown[1].facets_wanted == std::vector<std::string>{"Even"});
  REQUIRE(turn.intents.size() == 2);
  CHECK(turn.intents[0].nearest.at(0).id == 2);
  CHECK(turn.intents[0].nearest.size() == 3);
  // 9 went from place 9 to 1, 8 from 8 to 2, 7 from 7 to 3; and back.
  REQUIRE(turn.rose.size() == 3);
  CHECK(turn.rose[0].item.id == 9);
  CHECK(turn.rose[0].rank_alone == 9);
  CHECK(turn.rose[0].rank == 1);
  CHECK(turn.rose[2].item.id == 7);
  CHECK(turn.fell.at(0).item.id == 1);
  CHECK(turn.answer == "You asked for Even.");
  CHECK(turn.refused.empty());
  CHECK(to_text(turn) == "You asked for Even.\n1. Film I (1999), Odd\n2. Film H (1998), Even\n3. Film G (1997), Odd");
}

TEST_CASE("a turn says which facets it leaves out", "[talk]") {
  TalkSession session = new_session();
  const TalkTurn& turn = session.say("an Even film, no Odd one");
  CHECK(turn.refused == std::vector<std::string>{"Odd"});
  CHECK(turn.answer == "You asked for Even. I leave out Odd.");
}

TEST_CASE("refused items go and the others stay", "[talk]") {
  TalkSession session = new_session();
  CHECK(shown_in(session.say("numbers")) == Ids{10, 9, 8});
  const TalkTurn& second = session.say("not 2");
  CHECK(shown_in(second) == Ids{10, 8, 7});
  CHECK(second.notes == std::vector<std::string>{"Film I (1999) will not be shown again."});
  CHECK(second.wanted == "numbers\n");  // the criticism is no wish
  CHECK(shown_in(session.say("none of these")) == Ids{6, 5, 4});
  CHECK(shown_in(session.say("more numbers")) == Ids{3, 2, 1});
  CHECK(session.say("again").answer == "Nothing is left to show.");
}

TEST_CASE("years limit what is shown until the opposite is said", "[talk]") {
  TalkSession session = new_session();
  session.say("numbers");                                           // 2000, 1999, 1998
  CHECK(shown_in(session.say("older than 1995")) == Ids{4, 3, 2});  // 1994, 1993, 1992
  CHECK(session.turns().back().answer == "Only years before 1995 are shown.");
  CHECK(shown_in(session.say("something newer")) == Ids{});  // after 1993 and before 1995: 1994 was shown
  CHECK(shown_in(session.say("newer than 1995")) == Ids{7, 6});
}

TEST_CASE("liked items are read as the newest of the history", "[talk]") {
  TalkSession session = new_session();
  session.say("numbers");
  const TalkTurn& turn = session.say("more like 2");
  CHECK(turn.criticism.liked == Ids{9});
  CHECK(shown_in(turn) == Ids{7, 6, 5});
  CHECK(session.history().empty());  // it was not accepted
  TalkSession other = new_session();
  CHECK(shown_in(other.say("something like Film A")) == Ids{2, 3, 4});  // without words
}

TEST_CASE("accepted items join the history and are the targets of the saved dialogue", "[talk]") {
  TalkSession session = new_session({.history = {1}});
  CHECK_THROWS_AS(session.dialogue_lines("talk"), Error);
  session.say("numbers");
  session.say("I take 1");
  CHECK(session.history() == Ids{1, 10});
  CHECK(session.turns().back().shown.empty());
  CHECK(session.turns().back().answer == "You took Film J (2000).");
  session.say("more numbers");
  session.accept(7);
  const TempDir folder;
  write_file_atomically(folder / "talk.jsonl", session.dialogue_lines("talk"));
  ConversationFaults faults;
  const std::vector<ConversationPoint> points = read_conversations(folder / "talk.jsonl", faults);
  REQUIRE(points.size() == 2);
  CHECK(points[0].utterances.size() == 1);
  CHECK(points[0].history.size() == 1);
  CHECK(std::get<int64_t>(points[0].targets.at(0)) == 10);
  CHECK(points[1].id == "talk/3");
  CHECK(points[1].dialogue == "talk");
  CHECK(points[1].utterances.size() == 5);
  CHECK(points[1].history.size() == 2);
  CHECK(std::get<int64_t>(points[1].targets.at(0)) == 7);
}

TEST_CASE("undo goes back one step", "[talk]") {
  TalkSession session = new_session();
  CHECK_FALSE(session.undo());
  session.say("numbers");
  session.say("not 1");
  session.accept(9);
  CHECK(session.undo());
  CHECK(session.history().empty());
  CHECK(session.turns().back().accepted.empty());
  CHECK(session.undo());
  CHECK(session.turns().size() == 1);
  CHECK(shown_in(session.say("not 2")) == Ids{10, 8, 7});  // 10 is not refused any more
}

TEST_CASE("why names the intents and the history", "[talk]") {
  TalkSession session = new_session({.history = {1, 2, 3, 4}});
  CHECK(session.why(5).rank == 1);  // before the first turn by the history alone
  session.say("numbers");
  const Reasons reasons = session.why(5);
  CHECK(reasons.rank == 6);
  CHECK(reasons.rank_alone == 1);
  REQUIRE(reasons.intents.size() == 1);
  CHECK(reasons.intents[0].intent.intent == 1);
  CHECK(reasons.intents[0].rank == 5);
  CHECK(reasons.near_history.size() == 3);
  CHECK_THROWS_AS(session.why(99), Error);
}

TEST_CASE("sentences are words where criticism is not read", "[talk]") {
  TalkSession session = new_session({.reads_criticism = false});
  session.say("numbers");
  const TalkTurn& turn = session.say("not 2");
  CHECK(turn.criticism.is_empty());
  CHECK(turn.wanted == "not 2\nnumbers\n");
}

TEST_CASE("a dialogue held elsewhere goes on", "[talk]") {
  TalkSession session = new_session({.earlier = {{.utterance = "numbers", .shown = {10, 9, 8}}}});
  const TalkTurn& turn = session.say("not 2");
  CHECK(turn.wanted == "numbers\n");
  CHECK(shown_in(turn) == Ids{10, 8, 7});
}

TEST_CASE("faults leave a session as it was", "[talk]") {
  const auto recommender = std::make_shared<FakeRecommender>();
  TalkSession session(recommender, {});
  session.say("numbers");
  CHECK_THROWS_AS(session.say(" "), Error);
  CHECK_THROWS_AS(session.say("\xff"), Error);
  CHECK_THROWS_AS(session.criticise({}), Error);
  CHECK_THROWS_AS(session.criticise({.refused = {77}}), Error);
  CHECK_THROWS_AS(session.accept(77), Error);
  recommender->fails = true;
  CHECK_THROWS_AS(session.say("more"), Error);
  CHECK(session.turns().size() == 1);
  recommender->fails = false;
  CHECK(shown_in(session.criticise({.refused = {10}})) == Ids{9, 8, 7});
  CHECK(session.turns().back().said == "Not Film J (2000).");
  TalkSession fresh(recommender, {});
  CHECK_THROWS_AS(fresh.criticise({.refuses_all = true}), Error);
  CHECK_THROWS_AS(TalkSession(recommender, {.history = {77}}), Error);
}

TEST_CASE("a history is ids or titles", "[talk]") {
  const FakeRecommender recommender;
  std::vector<std::string> unknown;
  const auto ids = read_history(recommender, "2, 77 3", unknown);
  REQUIRE(ids.size() == 2);
  CHECK(ids[1].id == 3);
  CHECK(unknown == std::vector<std::string>{"77"});
  CHECK(read_history(recommender, "Film B", unknown).at(0).id == 2);
  CHECK(read_history(recommender, "", unknown).empty());
  CHECK(unknown.size() == 1);
  read_history(recommender, "Nothing of the Kind", unknown);
  CHECK(unknown.size() == 2);
}

TEST_CASE("ids of a history and of a saved dialogue are those of the raw files", "[talk]") {
  const auto recommender = std::make_shared<FakeRecommender>();
  const auto second_as = [&](std::string before, int64_t offset, const std::string& list) {
    recommender->raw_before = std::move(before);
    recommender->raw_offset = offset;
    std::vector<std::string> unknown;
    const std::vector<ItemDetails> items = read_history(*recommender, list, unknown);
    REQUIRE(items.size() == 2);
    CHECK(unknown.size() == 1);
    return items[1].id;
  };
  CHECK(second_as("", 1000, "1002, 3, 1005") == 5);
  CHECK(second_as("", 1000, "Film B (1992), Film Z, Film E (1995)") == 5);
  recommender->raw_before = "B0";
  recommender->raw_offset = 0;
  std::vector<std::string> unknown;
  CHECK(read_history(*recommender, "B02, B05", unknown).at(1).id == 5);
  CHECK(unknown.empty());

  const auto saved = [&](std::string before) {
    recommender->raw_before = std::move(before);
    TalkSession session(recommender, {.history = {2}});
    session.say("numbers");
    session.accept(7);
    return nlohmann::json::parse(session.dialogue_lines("talk"));
  };
  CHECK(saved("B0")["history"] == nlohmann::json({"B02"}));
  CHECK(saved("B0")["targets"] == nlohmann::json({"B07"}));
  recommender->raw_offset = 1000;
  CHECK(saved("")["targets"] == nlohmann::json({1007}));
  CHECK(saved("0")["targets"] == nlohmann::json({"01007"}));
}
