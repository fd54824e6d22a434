#include "service/serve/chat_messages.h"

#include <fmt/format.h>

#include <sstream>

#include "base/util/text.h"
#include "service/serve/http_error.h"
#include "service/serve/json_forms.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr size_t kMostLines = 20;  // of a list in a message; each is looked up in the catalogue

std::string text_of(const json& message) {
  const json content = message.value("content", json());
  if (content.is_string()) return content;
  std::string text;
  if (content.is_array())
    for (const json& part : content)
      if (part.at("type") == "text" && part.contains("text"))
        text += (text.empty() ? "" : "\n") + part.at("text").get<std::string>();
  return text;
}

json usage_json(const ChatAnswer& answer) {
  const int64_t said = count_words(answer.text);
  return {
      {"prompt_tokens", answer.words_read}, {"completion_tokens", said}, {"total_tokens", answer.words_read + said}};
}

json object_of(const ChatAnswer& answer, const char* kind) {
  return {{"id", answer.id}, {"object", kind}, {"created", answer.created}, {"model", answer.model}};
}

json choice(const char* field, json message, const json& finish_reason) {
  return {{"index", 0}, {field, std::move(message)}, {"finish_reason", finish_reason}, {"logprobs", nullptr}};
}

std::string event(const json& data) { return "data: " + dumped(data) + "\n\n"; }

}  // namespace

std::vector<ChatExchange> exchanges_of(const json& messages) {
  std::vector<ChatExchange> exchanges;
  for (const json& message : messages) {
    const std::string role = message.at("role"), text = text_of(message);
    if (is_blank(text)) continue;
    if (role == "user" && (exchanges.empty() || !exchanges.back().answered.empty()))
      exchanges.push_back({.said = text, .answered = ""});
    else if (role == "user")
      exchanges.back().said += "\n" + text;
    else if (role == "assistant" && !exchanges.empty())
      exchanges.back().answered += (exchanges.back().answered.empty() ? "" : "\n") + text;
  }
  if (exchanges.empty() || !exchanges.back().answered.empty())
    throw HttpError(422, "usage", "messages: the last one must be the user's, with words in it");
  return exchanges;
}

std::vector<std::string> numbered_lines(std::string_view text) {
  std::vector<std::string> items;
  std::istringstream lines{std::string(text)};
  for (std::string line; items.size() < kMostLines && std::getline(lines, line);) {
    const std::string_view words = trimmed(line);
    size_t digits = 0;
    while (digits < words.size() && is_digit(words[digits])) ++digits;
    if (digits == 0 || digits > 3 || digits + 1 >= words.size()) continue;
    if (words[digits] == '.' || words[digits] == ')') items.emplace_back(trimmed(words.substr(digits + 1)));
  }
  return items;
}

json completion_json(const ChatAnswer& answer) {
  json completion = object_of(answer, "chat.completion");
  const json message = {{"role", "assistant"}, {"content", answer.text}, {"refusal", nullptr}};
  completion["choices"] = json::array({choice("message", message, "stop")});
  completion["usage"] = usage_json(answer);
  completion["items"] = answer.items;
  return completion;
}

std::string completion_events(const ChatAnswer& answer, bool usage) {
  json chunk = object_of(answer, "chat.completion.chunk");
  const auto with = [&chunk](const json& delta, const json& finish_reason) {
    chunk["choices"] = json::array({choice("delta", delta, finish_reason)});
    return event(chunk);
  };
  std::string events = with({{"role", "assistant"}, {"content", ""}}, nullptr);
  for (size_t begin = 0; begin < answer.text.size();) {
    const size_t end = std::min(answer.text.find('\n', begin), answer.text.size() - 1) + 1;
    events += with({{"content", answer.text.substr(begin, end - begin)}}, nullptr);
    begin = end;
  }
  chunk["items"] = answer.items;
  events += with(json::object(), "stop");
  if (usage) {
    chunk.erase("items");
    chunk["choices"] = json::array();
    chunk["usage"] = usage_json(answer);
    events += event(chunk);
  }
  return events + "data: [DONE]\n\n";
}

int64_t count_words(std::string_view text) {
  int64_t words = 0;
  bool inside = false;
  for (const char c : text) {
    const bool space = kWhiteSpace.find(c) != std::string_view::npos;
    words += !space && !inside ? 1 : 0;
    inside = !space;
  }
  return words;
}

}  // namespace latentcrs
