// Asking a chat model many things at once.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "config/remote_options.h"
#include "llm/cost.h"
#include "transport/credentials.h"
#include "transport/http.h"

namespace latentcrs {

struct ChatMessage {
  enum class Role { user, model };
  Role role = Role::user;
  std::string text;
  bool operator==(const ChatMessage&) const = default;
};

struct ChatRequest {
  std::string system = {};                 ///< may be empty
  std::vector<ChatMessage> messages = {};  ///< the first and the last are the user's
  int attempt = 0;                         ///< asks the same thing anew: another place in the cache
  /// Asks once more where so many replies (or fewer) are stored, all of them blocked or truncated. 0: such a reply is
  /// final.
  int unusable = 0;
};

struct ChatOutcome {
  enum class Kind {
    text,
    blocked,    ///< refused by the service's filters or by the model; reason: SAFETY, content_filter, …
    truncated,  ///< cut off at the token limit; text is what there was, perhaps nothing
    malformed,  ///< a reply that is none: no JSON, no candidates, no text, or text that the service spoilt
    failed,     ///< no reply: reason is the HTTP or transport error, past all retries, or why the service broke off
  };
  Kind kind = Kind::failed;
  std::string text = {};
  std::string reason = {};  ///< of anything but `text`
  Usage usage = {};         ///< as the server counted; zero where it did not
  bool from_cache = false;
  int unusable = 0;  ///< stored replies that are blocked or truncated
  /// The service broke off by a fault of its own (out of resources, aborted): the same may be asked again at once.
  bool broken_off = false;
  bool hopeless = false;  ///< the account is switched off: nothing asked after this will be answered
};
std::string_view to_string(ChatOutcome::Kind kind);

class Chat {
 public:
  virtual ~Chat() = default;
  /// One outcome for each request, in order. Identical requests are asked once. Throws Error(remote) when going on is
  /// pointless or unwanted: key or model refused, quota used up, max_cost reached, failure after failure;
  /// Error(interrupted). Whatever had been answered by then is in the cache.
  virtual std::vector<ChatOutcome> complete(const std::vector<ChatRequest>& requests) = 0;
  /// What complete() would send, without sending.
  virtual CostEstimate estimate(const std::vector<ChatRequest>& requests) = 0;
};

/// How one provider spells requests and replies. Pure; thread-safe.
class ChatProtocol {
 public:
  virtual ~ChatProtocol() = default;
  virtual std::string url() const = 0;
  /// The body to POST.
  virtual nlohmann::json body(const ChatRequest& request) const = 0;
  /// Of a 2xx reply: text, blocked, truncated, malformed, or failed where the service says that it broke off.
  virtual ChatOutcome parse(const nlohmann::json& reply) const = 0;
  /// The body that asks for the rest of an answer that came in part; nothing if the reply is whole.
  virtual std::optional<nlohmann::json> continuation(const nlohmann::json& body, const nlohmann::json& reply) const {
    (void)body, (void)reply;
    return std::nullopt;
  }
  /// Two parts of an answer as one reply.
  virtual nlohmann::json joined(const nlohmann::json& first, const nlohmann::json& second) const {
    (void)first;
    return second;
  }
  /// What decides the answer besides the body: provider, model, address. Part of cache keys.
  virtual nlohmann::json identity() const = 0;
};

/// gemini, vertex or openai, as options.provider says. Throws Error(config) for options that are wrong or missing (key
/// names as in ChatOptions), or without credentials where the provider needs some. The clock must outlive it.
std::unique_ptr<Chat> make_chat(const ChatOptions& options, const RemoteContext& context);

/// Throws what make_chat() would.
void check_chat(const ChatOptions& options, const RemoteContext& context);

/// What became of a response, good or bad. A 4xx that is a filter's verdict counts as blocked. An error object with
/// status 200 is the HTTP error that it names.
ChatOutcome read_chat_response(const ChatProtocol& protocol, const HttpResponse& response);
/// The place of a request in the cache, of the reply that follows `unusable` ones; `body` is protocol.body(request).
std::string chat_cache_key(const ChatProtocol& protocol, const nlohmann::json& body, int attempt, int unusable = 0);
/// Whether the reply is kept, so that the same is asked again on request only.
bool is_final(ChatOutcome::Kind kind);
/// "2 of 6034 without a usable answer: blocked (SAFETY) 1, failed (HTTP 500) 1"; empty if all have text. Reasons that
/// differ in numbers and ids only are one, shown as the first of them.
std::string summarise_failures(const std::vector<ChatOutcome>& outcomes);

}  // namespace latentcrs
