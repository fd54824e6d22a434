// Requests to a chat model, sorted into the different questions that they ask.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "language/llm/chat.h"
#include "language/llm/chat_protocol.h"
#include "language/llm/cost.h"
#include "language/transport/request_cache.h"

namespace latentcrs {

/// One question, for all the requests that ask it.
struct ChatQuestion {
  nlohmann::json body;
  std::string key;                  ///< of the reply in the cache, known or wanted
  int64_t tokens = 0;               ///< estimated, of the question
  int attempt = 0;                  ///< as in ChatRequest
  int unusable = 0;                 ///< the largest ChatRequest::unusable of the askers; then ChatOutcome::unusable
  std::vector<size_t> askers = {};  ///< indices of requests
  std::optional<ChatOutcome> outcome = {};
};

/// Groups identical requests, and answers those questions that the cache knows.
std::vector<ChatQuestion> plan_questions(const std::vector<ChatRequest>& requests, const ChatProtocol& protocol,
                                         RequestCache& cache);

/// The outcome of a question that was open, from `reply`, which is in the cache now.
ChatOutcome stored_outcome(const ChatProtocol& protocol, const ChatQuestion& question, const nlohmann::json& reply);

/// The tokens that asking the unanswered questions will probably take.
Usage expected_usage(const std::vector<ChatQuestion>& questions, const PriceOptions& price);
CostEstimate estimate_questions(const std::vector<ChatQuestion>& questions, const PriceOptions& price);

/// The outcome of each of `count` requests. All questions are answered.
std::vector<ChatOutcome> outcomes_of(const std::vector<ChatQuestion>& questions, size_t count);

}  // namespace latentcrs
