#include "dialogue/remote_simulator.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"
#include "util/error.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using Kind = ChatOutcome::Kind;
using Role = ChatMessage::Role;

namespace {

/// Answers from a list, and keeps what it was asked.
class ScriptedChat : public Chat {
 public:
  explicit ScriptedChat(std::vector<ChatOutcome> script) : script_(std::move(script)) {}
  std::vector<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override {
    asked = requests;
    REQUIRE(requests.size() == script_.size());
    return script_;
  }
  CostEstimate estimate(const std::vector<ChatRequest>&) override { return {}; }

  std::vector<ChatRequest> asked;

 private:
  std::vector<ChatOutcome> script_;
};

ItemCatalogue catalogue() {
  return ItemCatalogue(
      {{.id = 1, .title = "Heat (1995)", .name = "Heat", .year = 1995, .facets = {"Action"}, .description = ""},
       {.id = 2, .title = "Big (1988)", .name = "Big", .year = 1988, .facets = {"Comedy"}, .description = ""}});
}

const std::vector<std::string> kFacets = {"Drama", "Comedy", "Sci-Fi", "Children's"};

}  // namespace

TEST_CASE("the model speaks as the user, with the roles swapped", "[remote_simulator]") {
  const ItemCatalogue items = catalogue();
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
  const auto answers = make_remote_simulator(chat, items)->speak({opening, later, opening});
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

TEST_CASE("what a model says the user wants is read with tolerance", "[remote_extractor]") {
  struct Case {
    const char* reply;
    const char* intents;
    std::vector<std::string> features;
  };
  const Case cases[] = {
      {R"({"human intents":["light mood","for tonight"],"item features":["Comedy"]})",
       "light mood. for tonight",
       {"Comedy"}},
      {"```json\n{\"human intents\": [\"a\"], \"item features\": [\"sci fi\", \"Poetry\"]}\n```", "a", {"Sci-Fi"}},
      {R"(Sure! {"Human_Intents":"one","itemFeatures":"Comedy, drama"} Enjoy.)", "one", {"Drama", "Comedy"}},
      {R"({"human intents":[],"item features":["childrens","COMEDY","comedy"]})", "", {"Comedy", "Children's"}},
      {R"({"human intents":[" ",3,null,"x"],"item features":null})", "x", {}},
      {R"({"item features":[["Drama"],{"a":"Comedy"}]})", "", {}},
  };
  for (const Case& c : cases) {
    INFO(c.reply);
    const auto extraction = parse_extraction(c.reply, kFacets);
    REQUIRE(extraction);
    CHECK(extraction->intents == c.intents);
    CHECK(extraction->features == c.features);
    CHECK_FALSE(extraction->fallback);
  }
  for (const char* bad : {"", "none", "[]", "{", "}{", R"({"intent":"x"})", R"({"human intents":["x"]} {"a":1})"})
    CHECK_FALSE(parse_extraction(bad, kFacets));
}

TEST_CASE("without a usable reply the last utterance stands for the intents", "[remote_extractor]") {
  const ItemCatalogue items = catalogue();
  const auto chat = std::make_shared<ScriptedChat>(
      std::vector<ChatOutcome>{{.kind = Kind::text, .text = R"({"human intents":["calm"],"item features":["Drama"]})"},
                               {.kind = Kind::text, .text = R"({"human intents":[],"item features":["Drama"]})"},
                               {.kind = Kind::text, .text = "I think they like drama."},
                               {.kind = Kind::blocked, .reason = "SAFETY"}});
  const std::vector<DialogueTurn> turns = {{"hello", {1}}, {"something else", {}}};
  const auto extractor = make_remote_extractor(
      chat, items, PromptTemplate::load(source_path("configs/prompts/intent_extractor.txt"), kExtractorFields),
      {.item_noun = "movies", .facets = kFacets});
  const auto found = extractor->extract({turns, turns, turns, turns});
  CHECK(found[0].intents == "calm");
  CHECK(found[0].features == std::vector<std::string>{"Drama"});
  CHECK(found[1].intents == "something else");
  CHECK(found[1].features == std::vector<std::string>{"Drama"});
  CHECK_FALSE(found[1].fallback);
  for (size_t i : {2, 3}) {
    CHECK(found[i].intents == "something else");
    CHECK(found[i].features.empty());
    CHECK(found[i].fallback);
  }
  CHECK_THAT(chat->asked[0].messages.at(0).text,
             Contains("recommender of movies") && Contains("Drama, Comedy, Sci-Fi, Children's") &&
                 Contains(R"({"human intents": ["..."], "item features": ["..."]})") &&
                 Contains("user: hello\nrecommender: The recommended items are: 1. Heat.\nuser: something else"));
}
