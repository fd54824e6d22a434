#include "language/transport/api_client.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/json_depth.h"
#include "base/util/log.h"
#include "base/util/random.h"
#include "language/transport/api_error.h"
#include "language/transport/retry.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

/// Removes the secrets from a response: some servers repeat the key in their answer, and nothing that leaves the client
/// may hold it.
void strike_out(const HttpRequest& request, HttpResponse& response) {
  constexpr size_t shortest = 6;  // shorter values occur in ordinary words
  std::vector<std::string> secrets;
  for (const SecretHeader& header : request.authorization) {
    const std::string& value = header.value.reveal();
    secrets.push_back(value.substr(value.rfind(' ') + 1));
  }
  for (const Secret& secret : request.body_secrets) secrets.push_back(secret.reveal());
  for (const std::string& key : secrets) {
    if (key.size() < shortest) continue;
    replace_all(response.body, key, "***");
    replace_all(response.problem, key, "***");
    for (auto& [name, text] : response.headers) replace_all(text, key, "***");
  }
}

void set_limits(HttpRequest& request, const HttpOptions& options) {
  const bool file = request.upload || !request.download.empty();
  request.connect_timeout = options.connect_timeout;
  request.timeout = file ? 0 : options.timeout;
  request.stall_timeout = file ? options.stall_timeout : 0;
}

}  // namespace

ApiClient::ApiClient(const RemoteContext& context, Credentials& credentials, ApiClientOptions options)
    : context_(context), credentials_(credentials), options_(std::move(options)) {}

HttpResponse without_hidden_error(HttpResponse response) {
  if (response.body.find("\"error\"") == std::string::npos) return response;
  const auto reply = nlohmann::json::parse(response.body, nullptr, false);
  auto error = reply.is_discarded() ? std::nullopt : error_in_reply(reply);
  if (!error) return response;
  error->headers = std::move(response.headers);
  return std::move(*error);
}

void ApiClient::say_waiting(const HttpRequest& request, const HttpResponse& response) {
  const bool down = response.transport == Transport::unreachable || response.status == 503;
  if (!down || waiting_.exchange(true)) return;
  log::warn("{}: {}{}; waiting for it, each request is sent up to {} times", display_url(request.url),
            describe_failure(response), advice_on_own_server(request.url, response), options_.retry.max_attempts);
}

HttpResponse ApiClient::call(HttpRequest request, const ResponseReader& reader) {
  set_limits(request, options_.http);
  Rng rng(derive_seed(context_.seed, "remote retry", {calls_++}));
  RetryState state{.repeat = request.repeat, .also_retried = options_.also_retried};
  const double start = context_.clock.steady();
  for (bool renewed = false;;) {
    request.authorization = credentials_.headers();
    HttpResponse response = context_.http->send(request);
    strike_out(request, response);
    if (is_nested_too_deeply(response.body)) response.body = "an answer that is nested too deeply";
    if (reader && response.success()) response = reader(std::move(response));
    if (response.success() && waiting_.exchange(false)) log::info("{}: answers again", display_url(request.url));
    if (response.status == 401 && !renewed && credentials_.renew(request.authorization)) {
      renewed = true;
      continue;
    }
    state.elapsed = context_.clock.steady() - start;
    state.now = context_.clock.now();
    const RetryDecision decision = decide_retry(options_.retry, state, response, rng);
    if (!decision.again) return response;
    say_waiting(request, response);
    log::debug("{} {}: {}; again in {:.1f} s (send {} of {})", request.method, display_url(request.url),
               describe_failure(response), decision.wait, state.attempts + 1, options_.retry.max_attempts);
    context_.clock.sleep(decision.wait);
    ++state.attempts;
  }
}

}  // namespace latentcrs
