#include "language/dialogue/remote_extractor.h"

#include <catch2/catch.hpp>

#include "dialogue/scripted_chat.h"
#include "support/temp_dir.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;
using Kind = ChatOutcome::Kind;

namespace {

const std::vector<std::string> kFacets = {"Drama", "Comedy", "Sci-Fi", "Children's"};

}  // namespace

TEST_CASE("a model's reply is read with tolerance", "[remote_extractor]") {
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
  const ItemCatalogue items = two_films();
  const auto chat = std::make_shared<ScriptedChat>(
      std::vector<ChatOutcome>{{.kind = Kind::text, .text = R"({"human intents":["calm"],"item features":["Drama"]})"},
                               {.kind = Kind::text, .text = R"({"human intents":[],"item features":["Drama"]})"},
                               {.kind = Kind::text, .text = "I think they like drama."},
                               {.kind = Kind::blocked, .reason = "SAFETY"}});
  const std::vector<DialogueTurn> turns = {{"hello", {1}}, {"something else", {}}};
  const auto extractor = make_remote_extractor(
      chat, items, PromptTemplate::load(source_path("configs/prompts/intent_extractor.txt"), kExtractorFields),
      {.item_noun = "movies", .facets = kFacets});
  const auto found = extractor->extract({turns, turns, turns, turns}).all;
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

TEST_CASE("an extractor says how many answers batch jobs have yet to give", "[remote_extractor]") {
  const ItemCatalogue items = two_films();
  const auto extractor = make_remote_extractor(
      std::make_shared<ScriptedChat>(std::vector<ChatOutcome>{}), items,
      PromptTemplate::load(source_path("configs/prompts/intent_extractor.txt"), kExtractorFields), {});
  CHECK(extractor->extract({{{"hello", {}}}}).to_come == 1);
}
