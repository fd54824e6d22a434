#include "language/llm/chat_questions.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace latentcrs {

namespace {

using nlohmann::json;
using Kind = ChatOutcome::Kind;

int64_t tokens_of(const ChatRequest& request) {
  int64_t tokens = estimate_tokens(request.system);
  for (const ChatMessage& message : request.messages) tokens += estimate_tokens(message.text);
  return tokens;
}

/// Follows the stored replies to one question to the first that is usable, or to the place of the next one.
void look_up(ChatQuestion& question, const ChatProtocol& protocol, RequestCache& cache) {
  int most = question.unusable;
  question.unusable = 0;
  for (std::optional<ChatOutcome> last;; ++question.unusable) {
    if (question.unusable > 0)  // or else it is the key that identical requests were found by
      question.key = chat_cache_key(protocol, question.body, question.attempt, question.unusable);
    const auto reply = cache.find(question.key);
    ChatOutcome outcome = reply ? protocol.parse(*reply) : ChatOutcome{};
    if (reply && !is_final(outcome.kind)) {  // a part of an answer, which an earlier version took for a whole one
      ++most;
      continue;
    }
    if (reply) last = std::move(outcome);
    if (reply && last->kind != Kind::text) continue;
    if (!reply && question.unusable <= most) return;
    question.outcome = std::move(last);
    question.outcome->from_cache = true;
    question.outcome->unusable = question.unusable;
    return;
  }
}

}  // namespace

std::vector<ChatQuestion> plan_questions(const std::vector<ChatRequest>& requests, const ChatProtocol& protocol,
                                         RequestCache& cache) {
  std::vector<ChatQuestion> questions;
  std::unordered_map<std::string, size_t> by_key;
  for (size_t i = 0; i < requests.size(); ++i) {
    json body = protocol.body(requests[i]);
    std::string key = chat_cache_key(protocol, body, requests[i].attempt);
    const auto [known, is_new] = by_key.emplace(key, questions.size());
    if (is_new)
      questions.push_back({.body = std::move(body),
                           .key = std::move(key),
                           .tokens = tokens_of(requests[i]),
                           .attempt = requests[i].attempt});
    ChatQuestion& question = questions[known->second];
    question.unusable = std::max(question.unusable, requests[i].unusable);
    question.askers.push_back(i);
  }
  for (ChatQuestion& question : questions) look_up(question, protocol, cache);
  return questions;
}

ChatOutcome stored_outcome(const ChatProtocol& protocol, const ChatQuestion& question, const json& reply) {
  ChatOutcome outcome = protocol.parse(reply);
  outcome.unusable = question.unusable + (outcome.kind == Kind::text ? 0 : 1);
  return outcome;
}

Usage expected_usage(const std::vector<ChatQuestion>& questions, const PriceOptions& price) {
  Usage usage;
  for (const ChatQuestion& question : questions)
    if (!question.outcome) usage += {question.tokens, price.expected_output_tokens};
  return usage;
}

CostEstimate estimate_questions(const std::vector<ChatQuestion>& questions, const PriceOptions& price) {
  CostEstimate estimate;
  for (const ChatQuestion& question : questions) ++(question.outcome ? estimate.cached : estimate.requests);
  estimate.usage = expected_usage(questions, price);
  estimate.cost = cost_of(estimate.usage, price);
  return estimate;
}

std::vector<ChatOutcome> outcomes_of(const std::vector<ChatQuestion>& questions, size_t count) {
  std::vector<ChatOutcome> outcomes(count);
  for (const ChatQuestion& question : questions)
    for (const size_t asker : question.askers) outcomes[asker] = *question.outcome;
  return outcomes;
}

}  // namespace latentcrs
