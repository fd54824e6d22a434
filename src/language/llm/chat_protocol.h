// How a provider spells requests and replies.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "language/llm/chat.h"
#include "language/transport/http.h"

namespace latentcrs {

/// Pure; thread-safe.
class ChatProtocol {
 public:
  virtual ~ChatProtocol() = default;
  virtual std::string url() const = 0;
  /// The body to POST.
  virtual nlohmann::json body(const ChatRequest& request) const = 0;
  /// Reads a 2xx reply: text, blocked, truncated, malformed, or failed where the service says that it broke off.
  virtual ChatOutcome parse(const nlohmann::json& reply) const = 0;
  /// The body that asks for the rest of a partial answer; nothing if the reply is whole.
  virtual std::optional<nlohmann::json> continuation(const nlohmann::json& body, const nlohmann::json& reply) const {
    (void)body, (void)reply;
    return std::nullopt;
  }
  /// Two parts of an answer as one reply.
  virtual nlohmann::json joined(const nlohmann::json& first, const nlohmann::json& second) const {
    (void)first;
    return second;
  }
  /// Everything besides the body that decides the answer: provider, model, address. Part of cache keys.
  virtual nlohmann::json identity() const = 0;
};

/// The outcome of a response, good or bad. A 4xx that is a filter's verdict counts as blocked. An error object with
/// status 200 is the HTTP error that it names.
ChatOutcome read_chat_response(const ChatProtocol& protocol, const HttpResponse& response);

/// The place in the cache of the reply that follows `unusable` ones; `body` is protocol.body(request).
std::string chat_cache_key(const ChatProtocol& protocol, const nlohmann::json& body, int attempt, int unusable = 0);

}  // namespace latentcrs
