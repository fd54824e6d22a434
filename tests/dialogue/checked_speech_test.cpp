#include "language/dialogue/checked_speech.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

/// User u names the title until attempt u; user 0 never answers.
class Slip : public UserSimulator {
 public:
  Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
    std::vector<SpokenWords> answers;
    for (const UtteranceRequest& request : requests) {
      asked.emplace_back(request.record->user, request.attempt);
      if (request.record->user == 0) {
        answers.push_back({.problem = "silent"});
      } else {
        answers.push_back({.text = request.attempt < request.record->user ? "I want Toy Story." : "I want a comedy."});
      }
    }
    return answers;
  }
  std::vector<std::pair<int64_t, int>> asked;
};

}  // namespace

TEST_CASE("A leak is asked for again until the attempts are used up", "[speech]") {
  Item item;
  item.id = 5;
  item.title = "Toy Story (1995)";
  const ItemCatalogue catalogue({item});
  std::vector<SplitRecord> records;
  for (int64_t user : {2, 0, 1, 9}) records.push_back({std::to_string(user) + "_raw_raw", user, {}, 5});
  std::vector<UtteranceRequest> requests(records.size());
  for (size_t i = 0; i < records.size(); ++i) requests[i].record = &records[i];
  SimulateOptions options;
  options.max_attempts = 3;

  Slip simulator;
  const auto spoken = speak_checked(simulator, requests, catalogue, options).all;
  REQUIRE(spoken.size() == 4);
  CHECK(spoken[0].text == "I want a comedy.");
  CHECK(spoken[0].attempts == 3);
  CHECK_FALSE(spoken[0].leaks_title);
  CHECK_FALSE(spoken[1].text.has_value());
  CHECK(spoken[1].problem == "silent");
  CHECK(spoken[1].attempts == 1);
  CHECK_FALSE(spoken[1].leaks_title);
  CHECK(spoken[2].text == "I want a comedy.");
  CHECK(spoken[2].attempts == 2);
  CHECK(spoken[3].text == "I want Toy Story.");
  CHECK(spoken[3].leaks_title);
  CHECK(spoken[3].attempts == 3);
  const std::vector<std::pair<int64_t, int>> expected = {{2, 0}, {0, 0}, {1, 0}, {9, 0}, {2, 1},
                                                         {1, 1}, {9, 1}, {2, 2}, {9, 2}};
  CHECK(simulator.asked == expected);
}

TEST_CASE("A leak that is asked for again and then cut off keeps its record", "[speech]") {
  class Script : public UserSimulator {
   public:
    Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
      std::vector<SpokenWords> answers;
      for (const UtteranceRequest& request : requests)
        answers.push_back(replies.at(static_cast<size_t>(request.attempt)));
      return answers;
    }
    std::vector<SpokenWords> replies;
  };
  Item item;
  item.id = 5;
  item.title = "Toy Story (1995)";
  const ItemCatalogue catalogue({item});
  const SplitRecord record{"1_raw_raw", 1, {}, 5};
  UtteranceRequest request;
  request.record = &record;
  const SpokenWords leak{.text = "I want Toy Story.", .usage = {10, 2}}, cut{.problem = "truncated (length)"},
      good{.text = "A comedy, please."}, dumb{.problem = std::string(kNoWords), .wordless = true};
  SimulateOptions options;
  options.max_attempts = 3;
  const auto spoken = [&](std::vector<SpokenWords> replies) {
    Script script;
    script.replies = std::move(replies);
    return speak_checked(script, {request}, catalogue, options, SpeechRecord::every_attempt).all.at(0);
  };

  const CheckedUtterance leaking = spoken({leak, cut, cut});
  CHECK(leaking.text == "I want Toy Story.");
  CHECK(leaking.leaks_title);
  CHECK(leaking.leaked_at_first);
  CHECK(leaking.attempts == 3);
  CHECK(leaking.all.size() == 3);
  CHECK(leaking.usage == Usage{10, 2});

  const CheckedUtterance better = spoken({leak, cut, good});
  CHECK(better.text == "A comedy, please.");
  CHECK_FALSE(better.leaks_title);
  CHECK(better.leaked_at_first);

  // Without words the same is asked again; what is cut off at once is not.
  CHECK(spoken({dumb, good}).text == "A comedy, please.");
  CHECK(spoken({dumb, dumb, dumb}).problem == kNoWords);
  CHECK(spoken({cut}).problem == "truncated (length)");
  request.turns = {{"Hello.", {}}};
  CHECK(spoken({dumb}).attempts == 1);  // in a dialogue there may be nothing more to say
}

TEST_CASE("Answers that are still to come are counted, and no further attempt is made", "[speech]") {
  class DetachedSimulator : public UserSimulator {
   public:
    Answers<SpokenWords> speak(const std::vector<UtteranceRequest>& requests) override {
      ++calls;
      return Answers<SpokenWords>::still_to_come(requests.size());
    }
    int calls = 0;
  } simulator;
  const SplitRecord record{"1_raw_raw", 1, {}, 5};
  std::vector<UtteranceRequest> requests(2);
  for (UtteranceRequest& request : requests) request.record = &record;
  const auto spoken = speak_checked(simulator, requests, ItemCatalogue(), {});
  CHECK_FALSE(spoken.complete());
  CHECK(spoken.to_come == 2);
  CHECK(spoken.all.empty());
  CHECK(simulator.calls == 1);
}
