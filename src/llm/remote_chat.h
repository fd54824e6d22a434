// The Chat that sends requests one by one, many at a time.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "llm/chat.h"
#include "transport/api_client.h"
#include "transport/request_cache.h"

namespace latentcrs {

struct ChatParts {
  std::unique_ptr<ChatProtocol> protocol;
  std::unique_ptr<Credentials> credentials;
  std::vector<int> also_retried;
};

/// How to reach options.provider. Throws as make_chat().
ChatParts make_chat_parts(const ChatOptions& options, const RemoteContext& context);

/// One thing to ask, for all the requests that ask it.
struct ChatQuestion {
  nlohmann::json body;
  std::string key;     ///< of the reply, known or wanted
  int64_t tokens = 0;  ///< estimated, of what is asked
  int attempt = 0;     ///< as in ChatRequest; of the askers the largest `unusable`
  int unusable = 0;
  std::vector<size_t> askers = {};  ///< indices of requests
  std::optional<ChatOutcome> outcome = {};
};

/// What `reply`, which is in the cache now, says to a question that was open.
ChatOutcome stored_outcome(const ChatProtocol& protocol, const ChatQuestion& question, const nlohmann::json& reply);

/// Identical requests together, those in the cache already answered.
std::vector<ChatQuestion> plan_questions(const std::vector<ChatRequest>& requests, const ChatProtocol& protocol,
                                         RequestCache& cache);

/// What asking the unanswered ones will probably take.
Usage expected_usage(const std::vector<ChatQuestion>& questions, const PriceOptions& price);
CostEstimate estimate_questions(const std::vector<ChatQuestion>& questions, const PriceOptions& price);
/// The outcome of each of `count` requests, from the questions that ask them; all are answered.
std::vector<ChatOutcome> outcomes_of(const std::vector<ChatQuestion>& questions, size_t count);

/// Throws Error(remote) where the answer to one request means that no other will fare better: key or model refused,
/// quota or credit used up, wrong certificate, a redirect. `section` is where the user finds the settings.
void throw_if_hopeless(const HttpResponse& response, const std::string& url, const std::string& section = {});
/// The same for what a service says in place of an answer: the account is switched off.
void throw_if_hopeless(const ChatOutcome& outcome, const std::string& url);

class RemoteChat : public Chat {
 public:
  RemoteChat(const ChatOptions& options, const RemoteContext& context, ChatParts parts);

  std::vector<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override;
  CostEstimate estimate(const std::vector<ChatRequest>& requests) override;

 private:
  ChatOutcome ask(const ChatQuestion& question);
  HttpResponse send(const nlohmann::json& body);
  HttpResponse send_to_the_end(const nlohmann::json& body, Usage& parts);
  void count_failure(const ChatOutcome& outcome);

  const ChatOptions options_;
  const ChatParts parts_;
  ApiClient client_;
  RequestCache cache_;
  CostMeter meter_;
  std::atomic<int> failures_in_a_row_{0};
};

}  // namespace latentcrs
