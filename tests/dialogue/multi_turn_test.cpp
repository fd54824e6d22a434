#include "language/dialogue/multi_turn.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using Ids = std::vector<int64_t>;

namespace {

/// Ranks 1, 2, 3, … for everybody, and remembers the requests.
class Counting : public DialogueRecommender {
 public:
  std::vector<std::vector<int32_t>> recommend(const std::vector<const SplitRecord*>& users,
                                              const std::vector<std::string>& texts, int k) override {
    REQUIRE(users.size() == texts.size());
    last_texts = texts;
    ks.push_back(k);
    std::vector<int32_t> ids;
    for (int32_t id = 1; id <= std::min(k, 12); ++id) ids.push_back(id);
    return std::vector<std::vector<int32_t>>(users.size(), ids);
  }
  std::vector<std::string> last_texts;
  std::vector<int> ks;
};

/// Says the given words in turn 2, 3, …, then falls silent. User 77 gives the title away.
class Script : public UserSimulator {
 public:
  explicit Script(std::vector<std::string> lines) : lines_(std::move(lines)) {}
  Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
    std::vector<SpokenWords> answers;
    for (const UtteranceRequest& request : requests) {
      const size_t turn = request.turns.size() - 1;
      CHECK_FALSE(request.turns.back().shown_items.empty());
      CHECK(request.prompt == "act");
      if (turn >= lines_.size()) {
        answers.push_back({.problem = "silent"});
      } else {
        answers.push_back({.text = request.record->user == 77 ? "I want Blue Moon Rising!" : lines_[turn]});
      }
    }
    return answers;
  }

 private:
  std::vector<std::string> lines_;
};

/// Items 1..12; even ones are Comedies, multiples of 5 Dramas.
ItemCatalogue catalogue() {
  std::vector<Item> items(12);
  for (int i = 0; i < 12; ++i) {
    items[i].id = i + 1;
    items[i].title = "Blue Moon Rising";
    if ((i + 1) % 2 == 0) items[i].facets.push_back("Comedy");
    if ((i + 1) % 5 == 0) items[i].facets.push_back("Drama");
  }
  return ItemCatalogue(items);
}

DialogueCase start(int user, int32_t target, const char* opening) {
  DialogueCase dialogue;
  dialogue.record = {std::to_string(user) + "_raw_test", user, {}, target};
  if (opening != nullptr) dialogue.opening = opening;
  dialogue.prompt = "act";
  return dialogue;
}

struct Scene {
  Scene() {
    options.evaluate.max_turns = 3;
    options.evaluate.shown_items = 2;
    options.evaluate.candidates = 6;
  }
  MultiTurnResult play(const std::vector<DialogueCase>& cases, std::vector<std::string> lines) {
    Script script(std::move(lines));
    const auto extractor = make_offline_extractor({"Comedy", "Drama"}, "movies");
    return run_dialogues(cases, {items, recommender, script, *extractor}, options);
  }
  ItemCatalogue items = catalogue();
  Counting recommender;
  DialogueOptions options;
};

}  // namespace

TEST_CASE("A dialogue shows the best candidates, features first, and never a refused item", "[multi-turn]") {
  Scene scene;
  // Turn 1, no features: of 1..6 the first two. Turn 2, Comedy: of 3..8 the comedies 4, 6. Turn 3, Comedy and Drama:
  // left are 3 5 7 8 9 10, of which 10 is both; then 5 and 8 have one, 5 comes first.
  const auto result = scene.play({start(1, 12, "Hello."), start(2, 6, "Hello.")}, {"A comedy.", "A drama."});
  REQUIRE(result.dialogues.size() == 2);
  const auto& failed = result.dialogues[0];
  REQUIRE(failed.turns.size() == 3);
  CHECK(failed.turns[0].shown == Ids{1, 2});
  CHECK(failed.turns[1].shown == Ids{4, 6});
  CHECK(failed.turns[2].shown == Ids{10, 5});
  CHECK(failed.turns[2].extraction.features == std::vector<std::string>{"Comedy", "Drama"});
  CHECK(failed.success_turn == 0);
  CHECK_FALSE(failed.missing_reply);
  CHECK(result.dialogues[1].success_turn == 2);
  CHECK(result.dialogues[1].turns.size() == 2);
  CHECK(scene.recommender.ks == std::vector<int>{6, 8, 10});  // candidates and the items shown before
  CHECK(scene.recommender.last_texts == std::vector<std::string>{"A drama. A comedy. Hello."});
}

TEST_CASE("compat.refused_items_return: the feature sort may bring items back", "[multi-turn]") {
  Scene scene;
  scene.options.compat.refused_items_return = true;
  // Turn 2: 3 4 5 6, then 1 2 (refused); comedies 4, 6 first. Turn 3: 3 5, then 1 2 4 6; comedies 2, 4, both refused
  // before.
  const auto result = scene.play({start(1, 12, "Hello.")}, {"A comedy.", "As I said."});
  const auto& turns = result.dialogues[0].turns;
  CHECK(turns[1].shown == Ids{4, 6});
  CHECK(turns[2].shown == Ids{2, 4});
  CHECK(scene.recommender.ks == std::vector<int>{6, 6, 6});
}

TEST_CASE("Missing words are a miss, or drop the user under compat", "[multi-turn]") {
  Scene scene;
  scene.options.compat.drop_missing_replies = GENERATE(false, true);
  // User 1 succeeds at once, user 2 never opened, user 3 falls silent after their second utterance.
  const auto result = scene.play({start(1, 2, "Hello."), start(2, 1, nullptr), start(3, 12, "Hello.")}, {"A comedy."});
  if (scene.options.compat.drop_missing_replies) {
    REQUIRE(result.dialogues.size() == 1);
    CHECK(result.dropped == 2);
    CHECK(result.success_rate(1) == 1.0);
  } else {
    REQUIRE(result.dialogues.size() == 3);
    CHECK(result.dropped == 0);
    CHECK(result.missing_replies() == 2);
    CHECK(result.success_rate(3) == Approx(1.0 / 3));
    CHECK(result.dialogues[1].turns.empty());
    CHECK(result.dialogues[2].turns.size() == 2);
  }
}

TEST_CASE("Success rate and average turn by hand", "[multi-turn]") {
  MultiTurnResult result;
  for (int turn : {1, 3, 0, 3}) result.dialogues.push_back({"x", 1, {}, turn, false});
  CHECK(result.success_rate(1) == 0.25);
  CHECK(result.success_rate(2) == 0.25);
  CHECK(result.success_rate(5) == 0.75);
  CHECK(result.average_turn(5) == 3.0);  // (1 + 3 + 5 + 3) / 4
  CHECK(result.average_turn(6) == 3.25);
  CHECK(result.success_rate_95(5).low == wilson_95(3, 4).low);
  CHECK(result.after_first_turn().dialogues.size() == 3);
  CHECK(result.after_first_turn().success_rate(5) == Approx(2.0 / 3));
  CHECK(result.average_turn_95(5) == Approx(1.96 * std::sqrt(8.0 / 3 / 4)));  // deviations 2, 0, 2, 0
  CHECK(MultiTurnResult{}.success_rate(5) == 0.0);
  CHECK(MultiTurnResult{}.average_turn(5) == 0.0);
}

TEST_CASE("Leaks are flagged in openings and answers", "[multi-turn]") {
  Scene scene;
  auto leaking = start(5, 12, "Hello.");
  leaking.opening_leaks = true;
  const auto result =
      scene.play({leaking, start(77, 9, "Hello."), start(6, 2, "Hello."), start(7, 2, "Blue Moon Rising?")},
                 {"A comedy.", "Now."});
  CHECK(result.dialogues[0].leaks_title());
  CHECK(result.dialogues[1].leaks_title());
  CHECK_FALSE(result.dialogues[2].leaks_title());
  CHECK(result.dialogues[3].leaks_title());  // not flagged by whoever recorded it
  const auto clean = result.without_leaks();
  REQUIRE(clean.dialogues.size() == 1);
  CHECK(clean.success_rate(1) == 1.0);
}

TEST_CASE("Transcripts are one JSON object a dialogue", "[multi-turn]") {
  test::TempDir folder;
  Scene scene;
  const auto result = scene.play({start(1, 2, "Hello."), start(2, 1, nullptr)}, {});
  write_transcripts(result, scene.items, folder / "t.jsonl");
  const std::string text = test::read_text(folder / "t.jsonl");
  const auto line = nlohmann::json::parse(text.substr(0, text.find('\n')));
  CHECK(line == nlohmann::json::parse(
                    R"({"customer_id": "1_raw_test", "target": 2, "target_title": "Blue Moon Rising", "success_turn": 1,
      "missing_reply": false,
      "turns": [{"user": "Hello.", "leaks_title": false, "intents": "Hello.", "features": [], "fallback": false,
                 "shown": [1, 2], "shown_titles": ["Blue Moon Rising", "Blue Moon Rising"]}]})"));
  const auto second = nlohmann::json::parse(text.substr(text.find('\n') + 1));
  CHECK(second.at("success_turn").is_null());
  CHECK(second.at("missing_reply") == true);
}

TEST_CASE("Dialogues stop where batch jobs were left running", "[multi-turn]") {
  class DetachedSimulator : public UserSimulator {
   public:
    Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
      return Answers<SpokenWords>::still_to_come(requests.size());
    }
  } simulator;
  Scene scene;
  const auto extractor = make_offline_extractor({"Comedy", "Drama"}, "movies");
  const std::vector<DialogueCase> cases = {start(1, 12, "Hello."), start(2, 12, "Hello.")};
  const auto result = run_dialogues(cases, {scene.items, scene.recommender, simulator, *extractor}, scene.options);
  CHECK(result.answers_to_come == 2);
  CHECK(result.dialogues.empty());
}
