#include "language/llm/remote_chat.h"

#include <fmt/format.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/progress.h"
#include "language/llm/chat_questions.h"
#include "language/llm/check_options.h"
#include "language/llm/hopeless_reply.h"
#include "language/llm/providers.h"
#include "language/transport/api_client.h"
#include "language/transport/api_error.h"
#include "language/transport/parallel.h"
#include "language/transport/request_cache.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using Kind = ChatOutcome::Kind;

class RemoteChat : public Chat {
 public:
  RemoteChat(const ChatService& service, const RemoteContext& context, ChatConnection connection);

  Answers<ChatOutcome> complete(const std::vector<ChatRequest>& requests) override;
  CostEstimate estimate(const std::vector<ChatRequest>& requests) override;

 private:
  struct Reply {
    ChatOutcome outcome;
    HttpResponse response;
  };
  Reply ask(const ChatQuestion& question);
  ChatOutcome stored(const ChatQuestion& question, const Reply& reply);
  HttpResponse send(const json& body);
  HttpResponse send_to_the_end(const json& body, Usage& earlier_parts);
  void count_failure(const ChatOutcome& outcome, const HttpResponse& response);

  const ChatService service_;
  const ChatConnection connection_;
  ApiClient client_;
  RequestCache cache_;
  CostMeter meter_;
  std::atomic<int> failures_in_a_row_{0};
};

RemoteChat::RemoteChat(const ChatService& service, const RemoteContext& context, ChatConnection connection)
    : service_(service),
      connection_(std::move(connection)),
      client_(context, *connection_.credentials, {service.shared.http, service.shared.retry, connection_.also_retried}),
      cache_(service.shared.cache),
      meter_(service.options.price, service.options.max_cost) {}

CostEstimate RemoteChat::estimate(const std::vector<ChatRequest>& requests) {
  return estimate_questions(plan_questions(requests, *connection_.protocol, cache_), service_.options.price);
}

RemoteChat::Reply RemoteChat::ask(const ChatQuestion& question) {
  if (service_.shared.offline) return {{.kind = Kind::failed, .reason = "not in the cache, and offline=true"}, {}};
  const Usage expected = {question.tokens, service_.options.price.expected_output_tokens};
  naming_settings(service_.section, [&] { meter_.reserve(expected); });
  HttpResponse response;
  Usage earlier_parts;
  try {
    response = send_to_the_end(question.body, earlier_parts);
  } catch (...) {
    meter_.settle(expected, earlier_parts);
    throw;
  }
  ChatOutcome outcome = read_chat_response(*connection_.protocol, response);
  if (!response.success()) outcome.usage = earlier_parts;
  meter_.settle(expected, outcome.usage);
  throw_if_hopeless(response, connection_.protocol->url(), service_.section);
  throw_if_hopeless(outcome, connection_.protocol->url());
  count_failure(outcome, response);
  return {std::move(outcome), std::move(response)};
}

/// What counts as the answer, which is on disk then. Another process may have stored one first: all processes use that
/// one.
ChatOutcome RemoteChat::stored(const ChatQuestion& question, const Reply& reply) {
  if (!reply.response.success() || !is_final(reply.outcome.kind)) return reply.outcome;
  return stored_outcome(*connection_.protocol, question, cache_.store(question.key, json::parse(reply.response.body)));
}

HttpResponse RemoteChat::send(const json& body) {
  return client_.call({.method = "POST",
                       .url = connection_.protocol->url(),
                       .headers = {{"Content-Type", "application/json"}},
                       .body = body.dump()},
                      [this](HttpResponse response) {
                        response = without_hidden_error(std::move(response));
                        if (!response.success()) return response;
                        const ChatOutcome outcome = read_chat_response(*connection_.protocol, response);
                        response.spoilt = outcome.broken_off;
                        if (response.spoilt) response.problem = outcome.reason;
                        return response;
                      });
}

/// The answer with all its parts, where a service gives a long one in several. `earlier_parts` is the usage of all but
/// the last one.
HttpResponse RemoteChat::send_to_the_end(const json& body, Usage& earlier_parts) {
  constexpr int most = 16;
  HttpResponse response = send(body);
  for (int part = 1; part < most && response.success(); ++part) {
    const json reply = json::parse(response.body, nullptr, false);
    const auto rest = reply.is_object() ? connection_.protocol->continuation(body, reply) : std::nullopt;
    if (!rest) break;
    earlier_parts = connection_.protocol->parse(reply).usage;
    response = send(*rest);
    const json more = response.success() ? json::parse(response.body, nullptr, false) : json();
    if (more.is_object()) response.body = connection_.protocol->joined(reply, more).dump();
  }
  return response;
}

void RemoteChat::count_failure(const ChatOutcome& outcome, const HttpResponse& response) {
  if (is_final(outcome.kind)) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= service_.options.max_failures_in_a_row) {
    throw Error(
        ErrorKind::remote,
        fmt::format("{}: {} requests in a row failed, the last one: {}{}; replies so far are in the cache, so run "
                    "again to go on",
                    display_url(connection_.protocol->url()), service_.options.max_failures_in_a_row, outcome.reason,
                    advice_on_own_server(connection_.protocol->url(), response)));
  }
}

Answers<ChatOutcome> RemoteChat::complete(const std::vector<ChatRequest>& requests) {
  auto questions = plan_questions(requests, *connection_.protocol, cache_);
  std::vector<size_t> open;
  for (size_t i = 0; i < questions.size(); ++i)
    if (!questions[i].outcome) open.push_back(i);

  Progress progress(service_.options.model, static_cast<int64_t>(open.size()), "replies");
  std::mutex mutex;
  int64_t done = 0, failed = 0;
  failures_in_a_row_ = 0;
  ask_concurrently(open.size(), service_.options.concurrency, [&](size_t i) -> AnswerWork {
    ChatQuestion& question = questions[open[i]];
    return [&, reply = ask(question)] {
      question.outcome = stored(question, reply);
      const std::lock_guard lock(mutex);
      failed += question.outcome->kind == Kind::failed ? 1 : 0;
      progress.update(++done, failed > 0 ? fmt::format("{} failed", failed) : std::string());
    };
  });

  if (!open.empty()) {
    const Usage used = meter_.used();
    log::debug("{}: {} asked, {} from the cache; since the start {} tokens in, {} out, cost {:.4g}",
               service_.options.model, open.size(), questions.size() - open.size(), used.input, used.output,
               meter_.spent());
  }
  return outcomes_of(questions, requests.size());
}

}  // namespace

void check_chat(const ChatService& service, const RemoteContext& context) {
  naming_settings(service.section, [&] {
    check_options(service);
    chat_provider(service.provider).connect(service, context);
  });
}

std::unique_ptr<Chat> make_chat(const ChatService& service, const RemoteContext& context) {
  return naming_settings(service.section, [&]() -> std::unique_ptr<Chat> {
    check_options(service);
    ChatConnection connection = chat_provider(service.provider).connect(service, context);
    log::debug("{} with {}", display_url(connection.protocol->url()), connection.credentials->describe());
    return std::make_unique<RemoteChat>(service, context, std::move(connection));
  });
}

}  // namespace latentcrs
