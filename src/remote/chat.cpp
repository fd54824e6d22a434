// What chat outcomes have in common, whoever answers.
#include "latentcrs/remote/chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "latentcrs/remote/api_error.h"
#include "latentcrs/remote/request_cache.h"

namespace latentcrs {

using nlohmann::json;

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

ChatOutcome read_chat_response(const ChatProtocol& protocol, const HttpResponse& response) {
  using Kind = ChatOutcome::Kind;
  if (!response.success()) {
    constexpr std::array<std::string_view, 3> verdicts = {"content_filter", "content_policy_violation",
                                                          "ResponsibleAIPolicyViolation"};
    const std::string code = response.transport == Transport::ok ? parse_api_error(response).code : "";
    const bool blocked = response.status == 400 && std::find(verdicts.begin(), verdicts.end(), code) != verdicts.end();
    return {.kind = blocked ? Kind::blocked : Kind::failed, .reason = blocked ? code : describe_failure(response)};
  }
  const json reply = json::parse(response.body, nullptr, false);
  if (!reply.is_object())
    return {.kind = Kind::malformed, .reason = "the reply is no JSON object: " + parse_api_error(response).message};
  return protocol.parse(reply);
}

std::string chat_cache_key(const ChatProtocol& protocol, const json& body, int attempt, int unusable) {
  json question = {{"service", protocol.identity()}, {"request", body}};
  if (attempt > 0) question["attempt"] = attempt;
  if (unusable > 0) question["after_unusable"] = unusable;
  return RequestCache::key(question);
}

std::string summarise_failures(const std::vector<ChatOutcome>& outcomes) {
  constexpr size_t shown = 5;
  std::map<std::string, size_t> counts;
  size_t total = 0;
  for (const ChatOutcome& outcome : outcomes) {
    if (outcome.kind == ChatOutcome::Kind::text) continue;
    ++counts[fmt::format("{} ({})", to_string(outcome.kind), outcome.reason)];
    ++total;
  }
  if (total == 0) return {};
  std::vector<std::pair<std::string, size_t>> sorted(counts.begin(), counts.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = fmt::format("{} of {} without a usable answer: ", total, outcomes.size());
  for (size_t i = 0; i < std::min(shown, sorted.size()); ++i)
    text += fmt::format("{}{} {}", i == 0 ? "" : ", ", sorted[i].first, sorted[i].second);
  if (sorted.size() > shown) text += fmt::format(" and {} more kinds", sorted.size() - shown);
  return text;
}

}  // namespace latentcrs
