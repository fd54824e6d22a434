#include "language/transport/retry.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>

#include "language/transport/api_error.h"

namespace latentcrs {

namespace {

template <size_t n>
bool contains(const std::array<std::string_view, n>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

/// The seconds from `now` to an HTTP date, "Sun, 06 Nov 1994 08:49:37 GMT"; 0 if it is past.
std::optional<double> until(const std::string& date, double now) {
  std::tm time{};
  const char* end = strptime(date.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &time);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return std::max(0.0, static_cast<double>(timegm(&time)) - now);
}

double hinted_wait(const HttpResponse& response, const ApiError& error, double now) {
  if (const auto wait = number(response.header("retry-after-ms"))) return *wait / 1000;
  const std::string after = response.header("retry-after");
  if (const auto wait = number(after)) return *wait;
  if (const auto wait = until(after, now)) return *wait;
  return error.retry_delay.value_or(0);
}

bool worth_repeating(const RetryState& state, const HttpResponse& response, const ApiError& error) {
  constexpr std::array<std::string_view, 2> rate_reasons = {"rateLimitExceeded", "userRateLimitExceeded"};
  constexpr std::array<std::string_view, 3> oauth_codes = {"internal_failure", "server_error",
                                                           "temporarily_unavailable"};
  const auto& also = state.also_retried;
  if (is_temporary_status(response.status) || std::find(also.begin(), also.end(), response.status) != also.end())
    return true;
  if (response.status == 403) return contains(rate_reasons, error.reason);
  return response.status == 400 && contains(oauth_codes, error.code);
}

bool may_repeat(const RetryState& state, const HttpResponse& response) {
  if (response.transport != Transport::ok) {
    if (response.transport == Transport::certificate || response.transport == Transport::too_large) return false;
    return state.repeat == Repeat::safe || response.transport == Transport::unreachable;
  }
  if (response.spoilt) return state.repeat == Repeat::safe;
  if (response.status < 400) return false;
  const ApiError error = parse_api_error(response);
  if (error.quota_exhausted || error.permanent) return false;
  if (state.repeat == Repeat::never) return response.status == 429;
  const std::string advice = response.header("x-should-retry");
  if (advice == "true" || advice == "false") return advice == "true";
  return worth_repeating(state, response, error);
}

}  // namespace

bool is_temporary_status(int64_t status) {
  return status == 408 || status == 429 || (status >= 500 && status <= 504) || (status >= 520 && status <= 529);
}

RetryDecision decide_retry(const RetryOptions& options, const RetryState& state, const HttpResponse& response,
                           Rng& rng) {
  if (!may_repeat(state, response)) return {};
  if (state.attempts >= options.max_attempts) return {.reason = "attempts used up"};
  const bool answered = response.transport == Transport::ok && !response.spoilt;
  const double hint = answered ? hinted_wait(response, parse_api_error(response), state.now) : 0;
  if (hint > options.max_hint) return {.reason = "the server asks for too long a wait"};
  const double ceiling = std::min(options.max_wait, options.first_wait * std::exp2(state.attempts - 1));
  const double wait = std::max(hint, rng.uniform() * ceiling);
  if (state.elapsed + wait > options.max_total) return {.reason = "time used up"};
  return {.again = true, .wait = wait};
}

}  // namespace latentcrs
