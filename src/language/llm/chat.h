// The interface of a chat model that is asked many things at once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/llm/answers.h"
#include "language/llm/cost.h"

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
  int attempt = 0;                         ///< a number > 0 asks the same thing anew: it has its own place in the cache
  /// Asks once more where at most so many replies are stored, all of them blocked or truncated. 0: such a reply is
  /// final.
  int unusable = 0;
};

struct ChatOutcome {
  enum class Kind {
    text,
    blocked,    ///< refused by the service's filters or by the model; reason: SAFETY, content_filter, …
    truncated,  ///< cut off at the token limit; text is the part that came, perhaps empty
    malformed,  ///< a reply without JSON, candidates or text, or with text that the service spoilt
    failed,     ///< no reply: reason is the HTTP or transport error, past all retries, or why the service broke off
  };
  Kind kind = Kind::failed;
  std::string text = {};
  std::string reason = {};  ///< why kind is not `text`
  Usage usage = {};         ///< as the server counted; zero where it did not
  bool from_cache = false;
  int unusable = 0;  ///< stored replies that are blocked or truncated
  /// The service broke off by a fault of its own (out of resources, aborted): the same may be asked again at once.
  bool broken_off = false;
  bool hopeless = false;  ///< the account is switched off: no later question will be answered either
};
std::string_view to_string(ChatOutcome::Kind kind);

class Chat {
 public:
  virtual ~Chat() = default;
  /// One outcome for each request, in order, or the number of answers that batch jobs left running have yet to give.
  /// Identical requests are asked once. Throws Error(remote) when going on is pointless or unwanted: key or model
  /// refused, quota used up, max_cost reached, failure after failure; Error(interrupted). The answers that had come by
  /// then are in the cache.
  virtual Answers<ChatOutcome> complete(const std::vector<ChatRequest>& requests) = 0;
  /// Estimates the requests that complete() would send, without sending any.
  virtual CostEstimate estimate(const std::vector<ChatRequest>& requests) = 0;
};

/// Whether the reply is kept in the cache, so that the same is asked again on request only.
bool is_final(ChatOutcome::Kind kind);

/// "2 of 6034 without a usable answer: blocked (SAFETY) 1, failed (HTTP 500) 1"; empty if all have text. Reasons that
/// differ in numbers and ids only are counted together, and the first of them is shown.
std::string summarise_failures(const std::vector<ChatOutcome>& outcomes);

}  // namespace latentcrs
