#include "language/llm/gemini.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "base/util/error.h"
#include "language/llm/answer_text.h"
#include "language/llm/check_options.h"
#include "language/llm/hopeless_reply.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json message_content(const char* role, const std::string& text) {
  return {{"role", role}, {"parts", json::array({{{"text", text}}})}};
}

Usage usage_of(const json& reply) {
  const json& usage = field(reply, "usageMetadata");
  return {count(usage, "promptTokenCount"), count(usage, "candidatesTokenCount") + count(usage, "thoughtsTokenCount")};
}

std::string candidate_text(const json& candidate) {
  std::string text;
  const json& parts = field(field(candidate, "content"), "parts");
  if (!parts.is_array()) return text;
  for (const json& part : parts) {
    const json& thought = field(part, "thought");
    if (!thought.is_boolean() || !thought.get<bool>()) text += string(part, "text");
  }
  return text;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The name of a finish reason. The service may send the first eleven as numbers.
std::string finish_reason(const json& candidate) {
  static constexpr auto kByNumber = std::to_array<std::string_view>(
      {"FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER", "BLOCKLIST",
       "PROHIBITED_CONTENT", "SPII", "MALFORMED_FUNCTION_CALL", "MODEL_ARMOR"});
  const json& value = field(candidate, "finishReason");
  if (!value.is_number_integer()) return string(candidate, "finishReason");
  const auto number = value.get<int64_t>();
  return number >= 0 && number < static_cast<int64_t>(kByNumber.size())
             ? std::string(kByNumber[static_cast<size_t>(number)])
             : value.dump();
}

/// The token that asks for the rest of an answer; empty if there is none.
std::string continuation_token(const json& reply) {
  if (std::string token = string(reply, "continuationToken"); !token.empty()) return token;
  const json& candidates = field(reply, "candidates");
  return candidates.is_array() && !candidates.empty() ? string(candidates.front(), "continuationToken") : "";
}

/// Whether the answer is a part of which the rest can be asked for. An answer cut off by MAX_TOKENS may carry a token
/// too, but is as long as was wanted.
bool is_part(const json& reply, const std::string& finish) {
  return finish == "CONTINUATION" || (finish.empty() && !continuation_token(reply).empty());
}

/// The sum of two usage records.
json added(const json& first, const json& second) {
  json sum = first.is_object() ? first : json::object();
  if (!second.is_object()) return sum;
  for (const auto& [key, value] : second.items()) {
    const bool both = value.is_number() && field(sum, key.c_str()).is_number();
    sum[key] = both ? json(sum[key].get<int64_t>() + value.get<int64_t>()) : value;
  }
  return sum;
}

class GeminiProtocol : public ChatProtocol {
 public:
  GeminiProtocol(json identity, std::string url, GeminiParameters parameters)
      : identity_(std::move(identity)), url_(std::move(url)), parameters_(std::move(parameters)) {}

  std::string url() const override { return url_; }
  json body(const ChatRequest& request) const override { return gemini_request(request, parameters_); }
  ChatOutcome parse(const json& reply) const override { return parse_gemini_reply(reply); }
  json identity() const override { return identity_; }

  std::optional<json> continuation(const json& body, const json& reply) const override {
    const json& candidates = field(reply, "candidates");
    if (!candidates.is_array() || candidates.empty()) return std::nullopt;
    const std::string token = continuation_token(reply);
    if (token.empty() || !is_part(reply, finish_reason(candidates.front()))) return std::nullopt;
    json next = body;
    next["continuationToken"] = token;
    return next;
  }

  json joined(const json& first, const json& second) const override {
    json whole = second;
    const json& candidates = field(second, "candidates");
    if (!candidates.is_array() || candidates.empty()) return whole;
    json parts = field(field(first["candidates"].front(), "content"), "parts");
    if (!parts.is_array()) parts = json::array();
    const json& more = field(field(candidates.front(), "content"), "parts");
    if (more.is_array()) parts.insert(parts.end(), more.begin(), more.end());
    json& content = whole["candidates"][0]["content"];
    if (!content.is_object()) content = {{"role", "model"}};
    content["parts"] = std::move(parts);
    whole["usageMetadata"] = added(field(first, "usageMetadata"), field(second, "usageMetadata"));
    return whole;
  }

 private:
  json identity_;
  std::string url_;
  GeminiParameters parameters_;
};

/// Leaves out project and location, because the model answers alike for all of them.
json identity_of(const ChatService& service) {
  json identity = {{"provider", service.provider}, {"model", service.options.model}};
  if (!service.options.base_url.empty()) identity["base_url"] = service.options.base_url;
  return identity;
}

}  // namespace

json gemini_request(const ChatRequest& request, const GeminiParameters& parameters) {
  json body;
  json& contents = body["contents"] = json::array();
  for (const ChatMessage& message : request.messages)
    contents.push_back(message_content(message.role == ChatMessage::Role::user ? "user" : "model", message.text));
  if (!request.system.empty()) body["systemInstruction"] = {{"parts", json::array({{{"text", request.system}}})}};
  if (!parameters.generation_config.empty()) body["generationConfig"] = parameters.generation_config;
  if (!parameters.safety_threshold.empty()) {
    json& safety = body["safetySettings"] = json::array();
    for (const char* category : {"HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"})
      safety.push_back(
          {{"category", fmt::format("HARM_CATEGORY_{}", category)}, {"threshold", parameters.safety_threshold}});
  }
  return body;
}

ChatOutcome parse_gemini_reply(const json& reply) {
  using Kind = ChatOutcome::Kind;
  ChatOutcome outcome{.kind = Kind::malformed, .usage = usage_of(reply)};
  const json& candidates = field(reply, "candidates");
  if (!candidates.is_array() || candidates.empty()) {
    const std::string block = string(field(reply, "promptFeedback"), "blockReason");
    outcome.kind = block.empty() ? Kind::malformed : Kind::blocked;
    outcome.reason = block.empty() ? "no candidates in the reply" : "prompt: " + block;
    return outcome;
  }
  const AnswerText answer = answer_in(candidate_text(candidates.front()));
  outcome.text = answer.text;
  const std::string finish = finish_reason(candidates.front());
  const bool ended = is_one_of(finish, {"", "STOP", "FINISH_REASON_UNSPECIFIED"});
  if (is_part(reply, finish) || finish == "MAX_TOKENS" || (ended && !answer.complete)) {
    outcome.kind = Kind::truncated;
    outcome.reason = is_part(reply, finish) ? "CONTINUATION" : "MAX_TOKENS";
  } else if (finish == "PUP_LIMITED_DISABLED") {
    outcome.kind = Kind::failed;
    outcome.reason = finish;
    outcome.hopeless = true;
  } else if (is_one_of(finish,
                       {"SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR",
                        "ESCALATION", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"})) {
    outcome.kind = Kind::blocked;
    outcome.reason = finish;
  } else if (!ended) {  // OTHER, MALFORMED_RESPONSE, UNEXPECTED_TOOL_CALL, unknown names: another try may help
    outcome.reason = finish;
  } else if (is_blank(outcome.text)) {
    outcome.reason = "no text in the reply";
  } else {
    outcome.kind = Kind::text;
  }
  return outcome;
}

std::unique_ptr<ChatProtocol> make_gemini_protocol(const ChatService& service, const std::string& url) {
  const ChatOptions& options = service.options;
  return std::make_unique<GeminiProtocol>(
      identity_of(service), url,
      GeminiParameters{parameters_object(options.parameters, "parameters"), options.safety_threshold});
}

void count_gemini_tokens(ApiClient& client, const std::string& generate_url, const std::string& section) {
  const json body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", "hello"}}}}}}}};
  const std::string url = generate_url.substr(0, generate_url.rfind(':')) + ":countTokens";
  const HttpResponse response = client.call(
      {.method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()});
  throw_if_hopeless(response, url, section);
  if (!response.success()) throw refusal(url, response);
}

std::unique_ptr<Credentials> make_gemini_key(const ChatService& service, const RemoteContext& context) {
  const CredentialOptions& options = service.options.credentials;
  if (service.shared.offline || options.kind == "none") return make_no_credentials();
  auto key = make_api_key(options, {"x-goog-api-key", "", {"GOOGLE_API_KEY", "GEMINI_API_KEY"}, {}}, context);
  if (!key) throw config_error("no API key for Gemini: set GOOGLE_API_KEY, or credentials.api_key_file");
  return key;
}

}  // namespace latentcrs
