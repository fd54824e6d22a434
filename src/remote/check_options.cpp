#include "check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

template <class Number>
void require_range(std::string_view key, Number value, Number lowest, Number highest) {
  if (!(value >= lowest && value <= highest))
    throw config_error(fmt::format("{}={}: must be in [{}, {}]", key, value, lowest, highest));
}

void require_text(std::string_view key, const std::string& value) {
  if (value.empty()) throw config_error(fmt::format("{}: required", key));
}

}  // namespace

nlohmann::json parameters_object(const std::string& text, std::string_view key) {
  nlohmann::json object = nlohmann::json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (!object.is_object()) throw config_error(fmt::format("{}={}: not a JSON object", key, text));
  return object;
}

void check_options(const CredentialOptions& options) {
  constexpr std::array<std::string_view, 6> kinds = {"auto",          "api_key",    "google",
                                                     "token_command", "token_file", "none"};
  if (std::find(kinds.begin(), kinds.end(), options.kind) == kinds.end())
    throw config_error(fmt::format("credentials.kind={}: one of {}", options.kind, fmt::join(kinds, ", ")));
}

void check_options(const HttpOptions& options) {
  require_range("http.connect_timeout", options.connect_timeout, 1.0, 120.0);
  require_range("http.timeout", options.timeout, 1.0, 7200.0);
  require_range("http.stall_timeout", options.stall_timeout, 5.0, 3600.0);
}

void check_options(const RetryOptions& options) {
  require_range("retry.max_attempts", options.max_attempts, 1, 20);
  require_range("retry.first_wait", options.first_wait, 1e-3, 60.0);
  require_range("retry.max_wait", options.max_wait, options.first_wait, 86400.0);
  require_range("retry.max_hint", options.max_hint, 0.0, 86400.0);
  require_range("retry.max_total", options.max_total, 0.0, 604800.0);
}

void check_options(const ChatOptions& options) {
  require_text("model", options.model);
  require_text("cache", options.cache);
  require_range("concurrency", options.concurrency, 1, 256);
  require_range("max_failures_in_a_row", options.max_failures_in_a_row, 1, 1'000'000);
  require_range("price.input_per_million", options.price.input_per_million, 0.0, 1e6);
  require_range("price.output_per_million", options.price.output_per_million, 0.0, 1e6);
  require_range("price.expected_output_tokens", options.price.expected_output_tokens, 1, 1'000'000);
  require_range("max_cost", options.max_cost, 0.0, 1e9);
  check_options(options.credentials);
  check_options(options.http);
  check_options(options.retry);
}

void check_options(const BatchOptions& options) {
  require_text("batch.folder", options.folder);
  require_range("batch.poll_interval", options.poll_interval, 1.0, 3600.0);
  require_range("batch.max_requests", options.max_requests, 1, 200'000);
  require_range("batch.max_megabytes", options.max_megabytes, 1e-6, 1000.0);
  require_range("batch.max_rounds", options.max_rounds, 1, 10);
}

void check_options(const RemoteEmbedOptions& options) {
  require_text("model", options.model);
  require_text("base_url", options.base_url);
  require_range("bos_tokens", options.bos_tokens, 0, 2);
  require_range("batch_size", options.batch_size, 1, 2048);
  require_range("concurrency", options.concurrency, 1, 64);
  if (options.encoding != "float" && options.encoding != "base64")
    throw config_error(fmt::format("encoding={}: float or base64", options.encoding));
  check_options(options.credentials);
  check_options(options.http);
  check_options(options.retry);
}

}  // namespace latentcrs
