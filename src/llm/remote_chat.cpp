#include "llm/remote_chat.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "llm/check_options.h"
#include "llm/gemini.h"
#include "llm/openai.h"
#include "llm/vertex_access.h"
#include "transport/api_error.h"
#include "transport/parallel.h"
#include "util/error.h"
#include "util/log.h"
#include "util/progress.h"

namespace latentcrs {

namespace {

using nlohmann::json;
using Kind = ChatOutcome::Kind;

Error remote_error(const std::string& message) { return {ErrorKind::remote, message}; }

std::unique_ptr<Credentials> required_key(const ChatOptions& options, const RemoteContext& context) {
  if (options.offline || options.credentials.kind == "none") return make_no_credentials();
  auto key =
      make_api_key(options.credentials, {"x-goog-api-key", "", {"GOOGLE_API_KEY", "GEMINI_API_KEY"}, {}}, context);
  if (!key) throw config_error("no API key for Gemini: set GOOGLE_API_KEY, or credentials.api_key_file");
  return key;
}

ChatParts vertex_parts(const ChatOptions& options, const RemoteContext& context) {
  if (options.credentials.kind == "api_key")  // express mode: the key stands for the project
    return {make_vertex_protocol(options, options.project, vertex_location(options, context)),
            required_key(options, context),
            {}};
  VertexAccess access = find_vertex_access(options, context);
  return {make_vertex_protocol(options, access.project, access.location), std::move(access.credentials), {}};
}

}  // namespace

ChatParts make_chat_parts(const ChatOptions& options, const RemoteContext& context) {
  if (options.provider == "vertex") return vertex_parts(options, context);
  if (options.provider == "gemini") return {make_gemini_protocol(options), required_key(options, context), {}};
  if (options.provider != "openai")
    throw config_error(fmt::format("provider={}: gemini, vertex or openai", options.provider));
  const std::string base = openai_base_url(options.base_url, context);
  auto credentials =
      options.offline ? make_no_credentials() : make_openai_credentials(options.credentials, base, context);
  return {make_openai_protocol(options, base), std::move(credentials), {409}};
}

void throw_if_hopeless(const HttpResponse& response, const std::string& url, const std::string& section) {
  if (response.success()) return;
  const ApiError error = parse_api_error(response);
  const auto stop = [&](std::string_view advice) {
    throw remote_error(fmt::format("{}: {}; {}", display_url(url), describe_failure(response), advice));
  };
  if (response.transport == Transport::certificate)
    stop("its certificate is not trusted: set SSL_CERT_FILE if it should be");
  if (response.status == 401 || error.reason == "API_KEY_INVALID") stop("the key or token was refused");
  if (response.status == 402) stop("the account has no credit left; replies so far are in the cache, so go on later");
  if (response.status == 403) stop("these credentials may not use it");
  if (response.status == 407) stop("the proxy wants user and password: name their variable in services.http.proxy_env");
  const auto setting = [&](std::string_view name) { return setting_name(section, name); };
  if (response.status == 404)
    stop(fmt::format("check the model and the address: {}, {}{}", setting("model"), setting("base_url"),
                     url.find("/locations/") == std::string::npos ? "" : ", " + setting("location")));
  if (is_redirect(response)) stop(fmt::format("check {}", setting("base_url")));
  if (response.status != 0 && error.quota_exhausted)
    stop("the quota is used up; replies so far are in the cache, so go on later");
}

void throw_if_hopeless(const ChatOutcome& outcome, const std::string& url) {
  if (outcome.hopeless)
    throw remote_error(fmt::format("{}: {}: the service has switched this account off; replies so far are in the cache",
                                   display_url(url), outcome.reason));
}

namespace {

int64_t tokens_of(const ChatRequest& request) {
  int64_t tokens = estimate_tokens(request.system);
  for (const ChatMessage& message : request.messages) tokens += estimate_tokens(message.text);
  return tokens;
}

/// Follows the replies to one question to the first that is of use, or to the place of the next one.
void look_up(ChatQuestion& question, const ChatProtocol& protocol, RequestCache& cache) {
  int most = question.unusable;
  question.unusable = 0;
  for (std::optional<ChatOutcome> last;; ++question.unusable) {
    question.key = chat_cache_key(protocol, question.body, question.attempt, question.unusable);
    const auto reply = cache.find(question.key);
    ChatOutcome outcome = reply ? protocol.parse(*reply) : ChatOutcome{};
    if (reply && !is_final(outcome.kind)) {  // half an answer that an earlier version took for one
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

RemoteChat::RemoteChat(const ChatOptions& options, const RemoteContext& context, ChatParts parts)
    : options_(options),
      parts_(std::move(parts)),
      client_(context, *parts_.credentials, {options.http, options.retry, parts_.also_retried}),
      cache_(options.cache),
      meter_(options.price, options.max_cost) {}

CostEstimate RemoteChat::estimate(const std::vector<ChatRequest>& requests) {
  return estimate_questions(plan_questions(requests, *parts_.protocol, cache_), options_.price);
}

ChatOutcome RemoteChat::ask(const ChatQuestion& question) {
  if (options_.offline) return {.kind = Kind::failed, .reason = "not in the cache, and offline=true"};
  const Usage expected = {question.tokens, options_.price.expected_output_tokens};
  naming_settings(options_.section, [&] { meter_.reserve(expected); });
  HttpResponse response;
  Usage parts;
  try {
    response = send_to_the_end(question.body, parts);
  } catch (...) {
    meter_.settle(expected, parts);
    throw;
  }
  ChatOutcome outcome = read_chat_response(*parts_.protocol, response);
  if (!response.success()) outcome.usage = parts;
  meter_.settle(expected, outcome.usage);
  throw_if_hopeless(response, parts_.protocol->url(), options_.section);
  throw_if_hopeless(outcome, parts_.protocol->url());
  // Another process may have had an answer first: all use that one.
  if (response.success() && is_final(outcome.kind))
    outcome = stored_outcome(*parts_.protocol, question, cache_.store(question.key, json::parse(response.body)));
  count_failure(outcome);
  return outcome;
}

HttpResponse RemoteChat::send(const json& body) {
  return client_.call({.method = "POST",
                       .url = parts_.protocol->url(),
                       .headers = {{"Content-Type", "application/json"}},
                       .body = body.dump()},
                      [this](HttpResponse response) {
                        response = without_hidden_error(std::move(response));
                        if (!response.success()) return response;
                        const ChatOutcome outcome = read_chat_response(*parts_.protocol, response);
                        response.spoilt = outcome.broken_off;
                        if (response.spoilt) response.problem = outcome.reason;
                        return response;
                      });
}

/// The answer with all its parts, where a service gives a long one in several. `parts` is what the earlier ones took.
HttpResponse RemoteChat::send_to_the_end(const json& body, Usage& parts) {
  constexpr int most = 16;
  HttpResponse response = send(body);
  for (int part = 1; part < most && response.success(); ++part) {
    const json reply = json::parse(response.body, nullptr, false);
    const auto rest = reply.is_object() ? parts_.protocol->continuation(body, reply) : std::nullopt;
    if (!rest) break;
    parts = parts_.protocol->parse(reply).usage;
    response = send(*rest);
    const json more = response.success() ? json::parse(response.body, nullptr, false) : json();
    if (more.is_object()) response.body = parts_.protocol->joined(reply, more).dump();
  }
  return response;
}

void RemoteChat::count_failure(const ChatOutcome& outcome) {
  if (is_final(outcome.kind)) {
    failures_in_a_row_ = 0;
  } else if (++failures_in_a_row_ >= options_.max_failures_in_a_row) {
    throw remote_error(
        fmt::format("{}: {} requests in a row failed, the last one: {}; replies so far are in the cache, so run "
                    "again to go on",
                    display_url(parts_.protocol->url()), options_.max_failures_in_a_row, outcome.reason));
  }
}

std::vector<ChatOutcome> RemoteChat::complete(const std::vector<ChatRequest>& requests) {
  auto questions = plan_questions(requests, *parts_.protocol, cache_);
  std::vector<size_t> open;
  for (size_t i = 0; i < questions.size(); ++i)
    if (!questions[i].outcome) open.push_back(i);

  Progress progress(options_.model, static_cast<int64_t>(open.size()), "replies");
  std::mutex mutex;
  int64_t done = 0;
  failures_in_a_row_ = 0;
  for_each_concurrently(open.size(), options_.concurrency, [&](size_t i) {
    ChatQuestion& question = questions[open[i]];
    question.outcome = ask(question);
    const std::lock_guard lock(mutex);
    progress.update(++done);
  });

  if (!open.empty()) {
    const Usage used = meter_.used();
    log::debug("{}: {} asked, {} from the cache; since the start {} tokens in, {} out, cost {:.4g}", options_.model,
               open.size(), questions.size() - open.size(), used.input, used.output, meter_.spent());
  }
  return outcomes_of(questions, requests.size());
}

void check_chat(const ChatOptions& options, const RemoteContext& context) {
  naming_settings(options.section, [&] {
    check_options(options);
    make_chat_parts(options, context);
  });
}

std::unique_ptr<Chat> make_chat(const ChatOptions& options, const RemoteContext& context) {
  return naming_settings(options.section, [&]() -> std::unique_ptr<Chat> {
    check_options(options);
    ChatParts parts = make_chat_parts(options, context);
    log::debug("{} with {}", display_url(parts.protocol->url()), parts.credentials->describe());
    return std::make_unique<RemoteChat>(options, context, std::move(parts));
  });
}

}  // namespace latentcrs
