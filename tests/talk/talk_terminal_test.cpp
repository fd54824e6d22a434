// What a person reads on a terminal.
#include "service/talk/talk_terminal.h"

#include <catch2/catch.hpp>
#include <memory>

#include "base/util/files.h"
#include "service/talk/phrasing.h"
#include "support/temp_dir.h"
#include "talk/fake_recommender.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Contains;

namespace {

struct Person {
  explicit Person(TerminalForm form = {.columns = 0}, TalkOptions options = {})
      : session(recommender, std::move(options)), terminal(session, *recommender, form) {}
  std::string hears(std::string_view line) { return terminal.answer(line).text; }

  std::shared_ptr<const FakeRecommender> recommender = std::make_shared<const FakeRecommender>();
  TalkSession session;
  TalkTerminal terminal;
};

/// A language model that gives one answer.
class OneAnswer : public Chat {
 public:
  explicit OneAnswer(ChatOutcome outcome) : outcome_(std::move(outcome)) {}
  Answers<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    asked = requests.at(0).messages.at(0).text;
    return std::vector<ChatOutcome>{outcome_};
  }
  CostEstimate estimate(const std::vector<ChatRequest>& /*requests*/) override { return {}; }
  std::string asked;

 private:
  ChatOutcome outcome_;
};

}  // namespace

TEST_CASE("a list is numbered and has no colours without a terminal", "[talk]") {
  Person person;
  CHECK(person.hears("numbers") ==
        "  1  Film J (2000)  Even\n"
        "  2  Film I (1999)  Odd\n"
        "  3  Film H (1998)  Even\n"
        "Intents     75 %  Film B (1992), Film C (1993), Film D (1994)\n"
        "            25 %  Film A (1991), Film B (1992), Film C (1993)\n"
        "Rose      Film J (2000) 10 → 1; Film I (1999) 9 → 2; Film H (1998) 8 → 3\n"
        "Fell      Film A (1991) 1 → 10; Film B (1992) 2 → 9; Film C (1993) 3 → 8\n");
  CHECK(person.hears("/why 2") ==
        "Film I (1999): place 2 with your words, 9 by your history alone.\n"
        "Raised by   75 %  Film B (1992), Film C (1993), Film D (1994)  (there it is number 9)\n");
  CHECK_THAT(Person({.has_colours = true, .columns = 60}).hears("numbers"), Contains("\x1b[1mFilm J (2000)\x1b[0m"));
}

TEST_CASE("commands answer, also where something is wrong", "[talk]") {
  Person person;
  CHECK_THAT(person.hears("/why"), Contains("there is no list yet"));
  CHECK_THAT(person.hears("/undo"), Contains("nothing to take back"));
  CHECK_THAT(person.hears("/save x.jsonl"), Contains("no item was accepted yet"));
  CHECK_THAT(person.hears("/wyh"), Contains("did you mean /why?"));
  CHECK_THAT(person.hears("/help"), Contains("/accept [N or title]"));
  CHECK(person.hears("  ").empty());
  person.hears("numbers");
  CHECK_THAT(person.hears("/why 9"), Contains("neither a number of the list nor a title"));
  CHECK_THAT(person.hears("/why Film A"), Contains("Film A (1991): place 10"));
  CHECK_THAT(person.hears("/accept 3"), Contains("Your history has 1 item: Film H (1998)"));
  CHECK_THAT(person.hears("/history"), Contains("Film H (1998)"));
  const TempDir folder;
  CHECK_THAT(person.hears("/save " + (folder / "talk.jsonl").string()), Contains("Saved in"));
  CHECK_THAT(read_file(folder / "talk.jsonl"), Contains("\"targets\":[8]"));
  CHECK_THAT(person.hears("/undo"), Contains("Back after: numbers"));
  CHECK_THAT(person.hears("/undo"), Contains("Back at the beginning"));
  CHECK(person.terminal.answer("/quit").ends);
}

TEST_CASE("a language model phrases the answer and recommends nothing", "[talk]") {
  const PromptTemplate prompt("{said}|{notes}|{items}", "test", kPhrasingFields);
  std::string remark;
  const auto answer_with = [&](const ChatOutcome& outcome) {
    const auto chat = std::make_shared<OneAnswer>(outcome);
    Person person({.columns = 0},
                  {.phrase = phrase_with(chat, prompt, "films", [&](const std::string& text) { remark = text; })});
    person.hears("an Even film");
    CHECK(chat->asked ==
          "an Even film|You asked for Even.|- Film J (2000), Even\n- Film I (1999), Odd\n- Film H (1998), Even\n");
    return person.session.turns().back().answer;
  };
  CHECK(answer_with({.kind = ChatOutcome::Kind::text, .text = " Here are even ones, like Film J (2000).\n"}) ==
        "Here are even ones, like Film J (2000).");
  CHECK(remark.empty());
  CHECK(answer_with({.kind = ChatOutcome::Kind::text, .text = "You may like Blade Runner (1982)."}) ==
        "You asked for Even.");
  CHECK_THAT(remark, Contains("named Blade Runner, which is not in the list"));
  CHECK(answer_with({.kind = ChatOutcome::Kind::blocked, .reason = "SAFETY"}) == "You asked for Even.");
  CHECK_THAT(remark, Contains("SAFETY"));
}
