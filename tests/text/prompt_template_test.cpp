#include "language/text/prompt_template.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "language/dialogue/prompt_file.h"
#include "language/dialogue/user_prompt.h"
#include "language/dialogue/user_simulator.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

constexpr TemplateField kFields[] = {{"name"}, {"place", false}};

PromptTemplate make(const char* text) { return {text, "t.txt", kFields}; }

ItemCatalogue films() {
  Item one, two, three;
  one.id = 1;
  one.title = "Toy Story (1995)";
  one.name = "Toy Story";
  one.year = 1995;
  one.facets = {"Animation", "Comedy"};
  two = one;
  two.id = 2;
  two.name = two.title = "{target} & }";
  three = one;
  three.id = 3;
  three.name = "Heat";
  return ItemCatalogue({one, two, three});
}

}  // namespace

TEST_CASE("A template is filled; braces are written twice", "[prompt]") {
  CHECK(make("Hi {name} from {place}!").render({{"name", "Ann"}, {"place", "Rome"}}) == "Hi Ann from Rome!");
  CHECK(make("{name}{name}").render({{"name", "a"}}) == "aa");
  CHECK(make("{{\"x\": {name}}}").render({{"name", "1"}}) == "{\"x\": 1}");
}

TEST_CASE("Braces in values are text", "[prompt]") {
  CHECK(make("<{name}>").render({{"name", "{place} }} {"}, {"place", "no"}}) == "<{place} }} {>");
}

TEST_CASE("Template mistakes are named with file and line", "[prompt]") {
  using Catch::Contains;
  CHECK_THROWS_WITH(make("{name}\nand {nmae}"),
                    Contains("t.txt:2: unknown field {nmae}") && Contains("{name}, {place}"));
  CHECK_THROWS_WITH(make("{name} {\n}"), Contains("t.txt:1: a single '{'"));
  CHECK_THROWS_WITH(make("\n\n{name} }"), Contains("t.txt:3: a single '}'"));
  CHECK_THROWS_WITH(make("{name"), Contains("t.txt:1"));
  CHECK_THROWS_WITH(make("{place}"), Contains("t.txt: the template lacks the field {name}"));
  CHECK_THROWS_AS(make("{name}").render({{"place", "x"}}), Error);
}

TEST_CASE("The default user prompt holds what the user knows", "[prompt]") {
  const auto prompt = PromptTemplate::load(test::source_path("configs/prompts/user_simulator.txt"), kUserPromptFields);
  const SplitRecord record{.customer_id = "1_raw_raw", .user = 1, .history = {3, 2}, .target = 1};
  DatasetOptions dataset;
  dataset.item_noun = "movies";
  const std::string text = user_prompt(prompt, record, films(), dataset);
  CHECK_THAT(text, Catch::Contains("recommender of movies"));
  CHECK_THAT(text, Catch::Contains("Heat; {target} & }."));
  CHECK_THAT(text, Catch::Contains(describe(films().at(1))));
  CHECK_THAT(text, Catch::Contains(std::string(kEndMarker)));
  CHECK(text.back() != '\n');
  const SplitRecord unknown{.customer_id = "1_raw_raw", .user = 1, .history = {9}, .target = 1};
  CHECK_THROWS_AS(user_prompt(prompt, unknown, films(), dataset), Error);
}

TEST_CASE("The shipped prompts of users say the same in another order, or nothing of the title", "[prompt]") {
  const SplitRecord record{.customer_id = "1_raw_raw", .user = 1, .history = {3, 2}, .target = 1};
  DatasetOptions dataset;
  dataset.item_noun = "movies";
  const auto text_of = [&](const char* name) {
    return user_prompt(load_user_prompt(test::source_path("configs/prompts") / name), record, films(), dataset);
  };
  const ItemCatalogue catalogue = films();
  const Item& target = catalogue.at(1);
  const std::string rules_first = text_of("user_rules_first.txt");
  CHECK_THAT(rules_first, Catch::Contains(describe(target)) && Catch::Contains(std::string(kEndMarker)));
  CHECK(rules_first.find("Never write the title") < rules_first.find("liked before"));
  const std::string few_shot = text_of("user_few_shot.txt");
  CHECK_THAT(few_shot, Catch::Contains(describe_facts(target)) && Catch::EndsWith("The customer says:"));
  CHECK_THAT(few_shot, !Catch::Contains(target.name));
  test::TempDir folder;
  test::write_text(folder / "blind.txt", "{item_noun} {history}");
  CHECK_THROWS_WITH(load_user_prompt(folder / "blind.txt"), Catch::Contains("neither {target_info} nor"));
}

TEST_CASE("A prompt file holds one Gemini request a line", "[prompt]") {
  test::TempDir folder;
  const SplitRecord record{.customer_id = "7_raw_test", .user = 7, .history = {3, 2}, .target = 1};
  UtteranceRequest request;
  request.record = &record;
  request.prompt = "Act \"so\"\n";
  write_prompt_file({request, request}, folder / "x.jsonl");
  const std::string text = test::read_text(folder / "x.jsonl");
  const auto line = nlohmann::json::parse(text.substr(0, text.find('\n')));
  CHECK(line ==
        nlohmann::json::parse(R"({"customer_id": "7_raw_test", "history": ["3", "2"], "target": "1", "request": {
      "contents": [{"role": "user", "parts": [{"text": "Act \"so\"\n"}]}],
      "safetySettings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"},
                         {"category": "HARM_CATEGORY_HATE_SPEECH", "threshold": "BLOCK_NONE"},
                         {"category": "HARM_CATEGORY_SEXUALLY_EXPLICIT", "threshold": "BLOCK_NONE"},
                         {"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "threshold": "BLOCK_NONE"}]}})"));
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}
