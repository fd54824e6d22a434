#include "language/llm/chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

namespace latentcrs {

std::string_view to_string(ChatOutcome::Kind kind) {
  switch (kind) {
    case ChatOutcome::Kind::text: return "text";
    case ChatOutcome::Kind::blocked: return "blocked";
    case ChatOutcome::Kind::truncated: return "truncated";
    case ChatOutcome::Kind::malformed: return "malformed";
    case ChatOutcome::Kind::failed: break;
  }
  return "failed";
}

bool is_final(ChatOutcome::Kind kind) {
  return kind == ChatOutcome::Kind::text || kind == ChatOutcome::Kind::blocked || kind == ChatOutcome::Kind::truncated;
}

namespace {

/// `reason` with # in place of numbers and ids: "input (612 tokens)" -> "input (# tokens)". The HTTP status stays.
std::string without_numbers(std::string_view reason) {
  const auto is_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string result;
  for (size_t i = 0; i < reason.size();) {
    size_t end = i;
    while (end < reason.size() && is_word(reason[end])) ++end;
    const std::string_view word = reason.substr(i, end - i);
    if (word.empty()) {
      result += reason[i++];
      continue;
    }
    const bool numbered = std::any_of(word.begin(), word.end(), is_digit);
    if (numbered && !result.ends_with("HTTP "))
      result += "#";
    else
      result += word;
    i = end;
  }
  return result;
}

}  // namespace

std::string summarise_failures(const std::vector<ChatOutcome>& outcomes) {
  constexpr size_t shown = 5;
  std::map<std::string, std::pair<std::string, size_t>> groups;  // the first reason of each, and the number of them
  size_t total = 0;
  for (const ChatOutcome& outcome : outcomes) {
    if (outcome.kind == ChatOutcome::Kind::text) continue;
    const std::string text = fmt::format("{} ({})", to_string(outcome.kind), outcome.reason);
    ++groups.try_emplace(without_numbers(text), text, 0).first->second.second;
    ++total;
  }
  if (total == 0) return {};
  std::vector<std::pair<std::string, size_t>> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = fmt::format("{} of {} without a usable answer: ", total, outcomes.size());
  for (size_t i = 0; i < std::min(shown, sorted.size()); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", sorted[i].first, sorted[i].second);
  if (sorted.size() > shown) text += fmt::format(" and {} more kinds", sorted.size() - shown);
  return text;
}

}  // namespace latentcrs
