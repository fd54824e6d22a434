#include "llm/gemini.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>

#include "llm/answer_text.h"
#include "llm/check_options.h"
#include "transport/json_fields.h"
#include "util/error.h"

namespace latentcrs {

namespace {

using nlohmann::json;

json content(const char* role, const std::string& text) {
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

using Names = std::initializer_list<std::string_view>;

bool is_one_of(std::string_view name, Names names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The name of a finish reason; a client that asks for numbers gets those of the first eleven.
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

/// Asks for the rest of an answer; empty if there is none.
std::string continuation_token(const json& reply) {
  if (std::string token = string(reply, "continuationToken"); !token.empty()) return token;
  const json& candidates = field(reply, "candidates");
  return candidates.is_array() && !candidates.empty() ? string(candidates.front(), "continuationToken") : "";
}

/// Whether the answer is a part, of which the rest can be asked for. One cut off by MAX_TOKENS may carry a token too,
/// but is as long as was wanted.
bool is_part(const json& reply, const std::string& finish) {
  return finish == "CONTINUATION" || (finish.empty() && !continuation_token(reply).empty());
}

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

/// The model answers alike for every project and location.
json identity_of(const char* provider, const ChatOptions& options) {
  json identity = {{"provider", provider}, {"model", options.model}};
  if (!options.base_url.empty()) identity["base_url"] = options.base_url;
  return identity;
}

GeminiParameters parameters_of(const ChatOptions& options) {
  return {parameters_object(options.parameters, "parameters"), options.safety_threshold};
}

}  // namespace

json gemini_request(const ChatRequest& request, const GeminiParameters& parameters) {
  json body;
  json& contents = body["contents"] = json::array();
  for (const ChatMessage& message : request.messages)
    contents.push_back(content(message.role == ChatMessage::Role::user ? "user" : "model", message.text));
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
  } else if (!ended) {  // OTHER, MALFORMED_RESPONSE, UNEXPECTED_TOOL_CALL, names not known yet: another try may help
    outcome.reason = finish;
  } else if (is_blank(outcome.text)) {
    outcome.reason = "no text in the reply";
  } else {
    outcome.kind = Kind::text;
  }
  return outcome;
}

std::string vertex_base_url(const std::string& location) {
  if (location == "global") return "https://aiplatform.googleapis.com";
  if (location == "us" || location == "eu") return fmt::format("https://aiplatform.{}.rep.googleapis.com", location);
  return fmt::format("https://{}-aiplatform.googleapis.com", location);
}

std::string vertex_model_path(const std::string& project, const std::string& location, const std::string& model) {
  const std::string name = "publishers/google/models/" + percent_encode(model);
  if (project.empty()) return name;
  return fmt::format("projects/{}/locations/{}/{}", percent_encode(project), percent_encode(location), name);
}

std::string gemini_base_url(const ChatOptions& options) {
  return options.base_url.empty() ? "https://generativelanguage.googleapis.com"
                                  : checked_base_url(options.base_url, "base_url");
}

std::unique_ptr<ChatProtocol> make_gemini_protocol(const ChatOptions& options) {
  const std::string url =
      fmt::format("{}/v1beta/models/{}:generateContent", gemini_base_url(options), percent_encode(options.model));
  return std::make_unique<GeminiProtocol>(identity_of("gemini", options), url, parameters_of(options));
}

std::unique_ptr<ChatProtocol> make_vertex_protocol(const ChatOptions& options, const std::string& project,
                                                   const std::string& location) {
  const std::string base =
      options.base_url.empty() ? vertex_base_url(location) : checked_base_url(options.base_url, "base_url");
  const std::string url =
      fmt::format("{}/v1/{}:generateContent", base, vertex_model_path(project, location, options.model));
  return std::make_unique<GeminiProtocol>(identity_of("vertex", options), url, parameters_of(options));
}

}  // namespace latentcrs
