#include "language/transport/api_error.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/text.h"
#include "base/util/utf8.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  return found->is_number() ? found->dump() : std::string();
}

/// The text as one printable line of at most 300 bytes, cut between characters.
std::string one_line(std::string_view text) {
  constexpr size_t limit = 300;
  std::string line;
  for (const char c : text) {
    const bool space = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
    if (!space) line += c;
    if (space && !line.empty() && line.back() != ' ') line += ' ';
    if (line.size() > limit) break;
  }
  return std::string(trimmed_end(utf8_prefix(line, limit)));
}

/// The text of an HTML page without its tags.
std::string html_text(std::string_view page) {
  std::string text;
  bool in_tag = false;
  for (const char c : page) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') {
      in_tag = false;
      text += ' ';
    }
  }
  return text;
}

/// Reads a duration of Google's JSON, "38.2s".
std::optional<double> seconds(const std::string& text) {
  if (!text.ends_with('s')) return std::nullopt;
  double value = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stop, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || stop != end || value < 0) return std::nullopt;
  return value;
}

bool mentions(std::string_view text, std::string_view what) { return lower_case(text).find(what) != std::string::npos; }

/// Reads Google's typed details: google.rpc.RetryInfo, QuotaFailure, ErrorInfo.
void read_details(const json& details, ApiError& error) {
  bool quota_named = false;
  for (const json& detail : details) {
    if (!detail.is_object()) continue;
    if (const std::string delay = text_of(detail, "retryDelay"); !delay.empty()) error.retry_delay = seconds(delay);
    if (const std::string reason = text_of(detail, "reason"); !reason.empty()) error.reason = reason;
    const auto violations = detail.find("violations");
    if (violations == detail.end() || !violations->is_array()) continue;
    for (const json& violation : *violations) {
      if (!violation.is_object()) continue;
      quota_named = true;
      const std::string quota =
          text_of(violation, "quotaId") + text_of(violation, "quotaMetric") + text_of(violation, "subject");
      if (mentions(quota, "perday") || mentions(quota, "per_day")) error.quota_exhausted = true;
    }
  }
  if (!quota_named && !error.retry_delay && mentions(error.message, "exceeded your current quota"))
    error.quota_exhausted = true;
}

/// Reads an error object {"code", "message", "status" | "type", "details" | "errors"}.
void read_object(const json& object, ApiError& error) {
  error.message = text_of(object, "message");
  error.code = text_of(object, "status");
  const auto code = object.find("code");
  if (error.code.empty() && code != object.end() && code->is_string()) error.code = code->get<std::string>();
  if (error.code.empty()) error.code = text_of(object, "type");
  if (error.code.empty()) error.code = text_of(object, "error_type");
  if (text_of(object, "code") == "insufficient_quota" || text_of(object, "type") == "insufficient_quota") {
    error.code = "insufficient_quota";
    error.quota_exhausted = true;
  }
  if (const auto errors = object.find("errors");
      errors != object.end() && errors->is_array() && !errors->empty() && errors->front().is_object())
    error.reason = text_of(errors->front(), "reason");
  const auto details = object.find("details");
  read_details(details != object.end() && details->is_array() ? *details : json::array(), error);
}

void read_json(const json& body, ApiError& error) {
  const json& root = body.is_array() && body.size() == 1 ? body.front() : body;
  if (!root.is_object()) return;
  const auto inner = root.find("error");
  if (inner != root.end() && inner->is_object()) return read_object(*inner, error);
  read_object(root, error);
  if (inner == root.end() || !inner->is_string()) return;
  if (const std::string description = text_of(root, "error_description"); !description.empty()) {  // OAuth
    error.code = inner->get<std::string>();
    error.message = description;
  } else if (error.message.empty()) {
    error.message = inner->get<std::string>();
    if (error.code.empty() && error.message.find(' ') == std::string::npos) error.code = error.message;
  }
}

/// Whether the words of a 5xx response say that the same request will fail again.
bool cannot_succeed(const HttpResponse& response, const std::string& message) {
  if (response.status < 500) return false;
  for (const std::string_view words :
       {"too large to process", "too long", "exceeds the available context", "exceed context", "exceeds the context",
        "context length", "context size", "does not support", "not supported", "not implemented", "unimplemented"})
    if (mentions(message, words)) return true;
  return false;
}

bool is_empty(const json& error) {
  return error.is_null() || error.empty() || error == json("") || error == json(false);
}

/// The HTTP status that an error object stands for.
int status_of(const json& error) {
  constexpr int unknown = 500;
  if (!error.is_object()) return unknown;
  for (const char* key : {"code", "status", "status_code", "statusCode"}) {
    const std::string text = text_of(error, key);
    int number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure == std::errc() && end == text.data() + text.size() && number >= 400 && number < 600) return number;
  }
  static constexpr auto kWords = std::to_array<std::pair<std::string_view, int>>({{"insufficient_credits", 402},
                                                                                  {"payment_required", 402},
                                                                                  {"rate_limit", 429},
                                                                                  {"resource_exhausted", 429},
                                                                                  {"insufficient_quota", 429},
                                                                                  {"too_many_requests", 429},
                                                                                  {"unauthenticated", 401},
                                                                                  {"authentication", 401},
                                                                                  {"invalid_api_key", 401},
                                                                                  {"permission_denied", 403},
                                                                                  {"not_found", 404},
                                                                                  {"invalid_argument", 400},
                                                                                  {"invalid_request", 400},
                                                                                  {"content_filter", 400},
                                                                                  {"content_policy_violation", 400},
                                                                                  {"deadline_exceeded", 504},
                                                                                  {"unavailable", 503},
                                                                                  {"overloaded", 529}});
  const std::string words = text_of(error, "code") + " " + text_of(error, "status") + " " + text_of(error, "type");
  for (const auto& [word, status] : kWords)
    if (mentions(words, word)) return status;
  return unknown;
}

}  // namespace

ApiError parse_api_error(const HttpResponse& response) {
  ApiError error;
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_discarded())
    read_json(body, error);
  else
    error.message = response.body.find('<') != std::string::npos ? html_text(response.body) : response.body;
  error.permanent = cannot_succeed(response, error.message);
  error.code = one_line(error.code);
  error.message = one_line(error.message);
  if (error.message.empty()) error.message = one_line(response.body);
  if (error.message.empty()) error.message = "no explanation";
  return error;
}

bool is_redirect(const HttpResponse& response) {
  const bool resumes =
      response.status == 308 && response.header("location").empty();  // a resumable upload, which is not a redirect
  return response.status >= 301 && response.status <= 308 && response.status != 304 && !resumes;
}

std::optional<HttpResponse> error_in_reply(const json& reply) {
  const json& root = reply.is_array() && reply.size() == 1 ? reply.front() : reply;
  if (!root.is_object()) return std::nullopt;
  json error = root.value("error", json());
  const bool flat = root.value("object", json()) == json("error") || (error.is_string() && !is_empty(error));
  if (flat) error = root;  // the code stands beside the message
  if (const auto choices = root.find("choices"); choices != root.end() && choices->is_array() && !choices->empty())
    if (is_empty(error) && choices->front().is_object()) error = choices->front().value("error", json());
  if (is_empty(error)) return std::nullopt;
  return HttpResponse{.status = status_of(error), .body = flat ? root.dump() : json{{"error", error}}.dump()};
}

std::string describe_failure(const HttpResponse& response) {
  if (response.transport != Transport::ok || response.spoilt) return response.problem;
  if (is_redirect(response)) {
    const std::string to = response.header("location");
    return fmt::format("HTTP {}: the server redirects{}", response.status, to.empty() ? "" : " to " + display_url(to));
  }
  const ApiError error = parse_api_error(response);
  return fmt::format("HTTP {}{}{}: {}", response.status, error.code.empty() ? "" : " ", error.code, error.message);
}

std::string advice_on_own_server(std::string_view url, const HttpResponse& response) {
  if (response.transport != Transport::unreachable || !is_this_machine(url)) return {};
  return "; no server listens there: start it in another terminal, such as by ./scripts/local_llm.sh --serve "
         "(docs/local-models.md)";
}

}  // namespace latentcrs
