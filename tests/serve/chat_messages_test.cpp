// OpenAI's messages as a dialogue, and the answer in OpenAI's form.
#include "service/serve/chat_messages.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "service/serve/http_error.h"

using namespace latentcrs;
using nlohmann::json;

namespace {

json message(const char* role, const json& content) { return {{"role", role}, {"content", content}}; }

ChatAnswer answer_of(const std::string& text) {
  return {.id = "chatcmpl-1",
          .model = "tiny",
          .created = 7,
          .text = text,
          .items = json::array({{{"id", 3}}}),
          .words_read = 4};
}

}  // namespace

TEST_CASE("messages become exchanges; of contents in parts the texts count", "[serve]") {
  const json parts = json::array({{{"type", "text"}, {"text", "a comedy"}},
                                  {{"type", "image_url"}, {"image_url", {{"url", "data:"}}}},
                                  {{"type", "text"}, {"text", "with robots"}}});
  const auto exchanges = exchanges_of(
      json::array({message("system", "Be brief."), message("assistant", "Hello!"), message("user", "Something funny"),
                   message("user", "and short"), message("assistant", "1. Heat (1995)"), message("user", parts)}));
  REQUIRE(exchanges.size() == 2);
  CHECK(exchanges[0].said == "Something funny\nand short");
  CHECK(exchanges[0].answered == "1. Heat (1995)");
  CHECK(exchanges[1].said == "a comedy\nwith robots");
  CHECK(exchanges[1].answered.empty());
}

TEST_CASE("the last message must be the user's", "[serve]") {
  for (const json& messages : {json::array({message("system", "Be brief.")}), json::array({message("user", "  ")}),
                               json::array({message("user", nullptr)}),
                               json::array({message("user", "a comedy"), message("assistant", "1. Heat (1995)")})})
    CHECK_THROWS_AS(exchanges_of(messages), HttpError);
}

TEST_CASE("the lines of a numbered list are found in an answer", "[serve]") {
  CHECK(numbered_lines("Here they are:\n1. Heat (1995), Crime\n  2) 12 Monkeys (1995)\n1995 was good.\n3.\n10. Up") ==
        std::vector<std::string>{"Heat (1995), Crime", "12 Monkeys (1995)", "Up"});
  CHECK(numbered_lines("").empty());
}

TEST_CASE("a completion has the text, the items and counts of words", "[serve]") {
  const json completion = completion_json(answer_of("Two films:\n1. Heat"));
  CHECK(completion["object"] == "chat.completion");
  CHECK(completion["choices"][0]["message"]["content"] == "Two films:\n1. Heat");
  CHECK(completion["choices"][0]["finish_reason"] == "stop");
  CHECK(completion["usage"] == json{{"prompt_tokens", 4}, {"completion_tokens", 4}, {"total_tokens", 8}});
  CHECK(completion["items"][0]["id"] == 3);
}

TEST_CASE("a stream's chunks join to the text, and it ends as OpenAI's does", "[serve]") {
  const bool usage = GENERATE(false, true);
  std::istringstream events(completion_events(answer_of("Two films:\n1. Heat\n2. Up"), usage));
  std::vector<std::string> data;
  for (std::string line; std::getline(events, line);)
    if (!line.empty()) data.push_back(line);
  REQUIRE(data.size() == (usage ? 7U : 6U));
  CHECK(data.back() == "data: [DONE]");
  std::string text;
  for (size_t i = 0; i < 5; ++i) {
    const json chunk = json::parse(data[i].substr(6));
    CHECK(chunk["object"] == "chat.completion.chunk");
    const json& choice = chunk["choices"][0];
    CHECK(choice["finish_reason"] == (i == 4 ? json("stop") : json(nullptr)));
    text += choice["delta"].value("content", "");
    CHECK(chunk.contains("items") == (i == 4));
  }
  CHECK(text == "Two films:\n1. Heat\n2. Up");
  if (usage) CHECK(json::parse(data[5].substr(6))["usage"]["total_tokens"] == 10);
}
