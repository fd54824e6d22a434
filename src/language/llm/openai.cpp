#include "language/llm/openai.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/text.h"
#include "language/llm/answer_text.h"
#include "language/llm/check_options.h"
#include "language/llm/hopeless_reply.h"
#include "language/transport/json_api.h"
#include "language/transport/json_fields.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr std::string_view kOpenAi = "https://api.openai.com/v1";

/// The text of `content`, which is a string, a list of parts, or null. Parts of a type such as "thinking" or
/// "reasoning" are left out.
std::string message_text(const json& message) {
  const json& content = field(message, "content");
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (content.is_array())
    for (const json& part : content) {
      const std::string type = string(part, "type");
      if (type.find("think") == std::string::npos && type.find("reason") == std::string::npos)
        text += string(part, "text");
    }
  return text;
}

enum class Finish { whole, cut, filtered, broken_off, other };

/// Reads a finish reason. Servers write the same reasons in different words, some in capitals.
Finish finish_of(std::string_view written) {
  using Reasons = std::initializer_list<std::string_view>;
  const std::string reason = lower_case(written);
  const auto is = [&](Reasons list) { return std::find(list.begin(), list.end(), reason) != list.end(); };
  if (reason.empty() || is({"stop", "eos", "eos_token", "stop_sequence", "end_turn", "complete", "completed"}))
    return Finish::whole;
  if (is({"length", "max_tokens", "model_length", "max_length", "max_output_tokens", "token_limit"}))
    return Finish::cut;
  if (is({"content_filter", "content_filtered", "safety", "refusal", "recitation", "sensitive", "blocklist",
          "guardrail"}))
    return Finish::filtered;
  if (is({"abort", "aborted", "error", "cancelled", "canceled", "cancel", "insufficient_system_resource", "timeout",
          "network_error", "server_error", "overloaded"}))
    return Finish::broken_off;
  return Finish::other;
}

std::string refusal_of(const json& message) {
  if (std::string refusal = string(message, "refusal"); !refusal.empty()) return refusal;
  const json& content = field(message, "content");
  if (content.is_array())
    for (const json& part : content)
      if (std::string refusal = string(part, "refusal"); !refusal.empty()) return refusal;
  return {};
}

class OpenAiProtocol : public ChatProtocol {
 public:
  OpenAiProtocol(const std::string& base_url, std::string model, json parameters)
      : url_(openai_url(base_url, "chat/completions")), model_(std::move(model)), parameters_(std::move(parameters)) {}

  std::string url() const override { return url_; }
  json body(const ChatRequest& request) const override { return openai_chat_request(request, model_, parameters_); }
  ChatOutcome parse(const json& reply) const override { return parse_openai_chat_reply(reply); }
  json identity() const override { return {{"provider", "openai"}, {"url", url_}}; }

 private:
  std::string url_, model_;
  json parameters_;
};

}  // namespace

json openai_chat_request(const ChatRequest& request, const std::string& model, const json& parameters) {
  json body = parameters;
  body["model"] = model;
  json& messages = body["messages"] = json::array();
  if (!request.system.empty()) messages.push_back({{"role", "system"}, {"content", request.system}});
  for (const ChatMessage& message : request.messages)
    messages.push_back(
        {{"role", message.role == ChatMessage::Role::user ? "user" : "assistant"}, {"content", message.text}});
  return body;
}

ChatOutcome parse_openai_chat_reply(const json& reply) {
  using Kind = ChatOutcome::Kind;
  const json& usage = field(reply, "usage");
  ChatOutcome outcome{.kind = Kind::malformed,
                      .usage = {count(usage, "prompt_tokens"), count(usage, "completion_tokens")}};
  const json& choices = field(reply, "choices");
  if (!choices.is_array() || choices.empty()) {
    outcome.reason = "no choices in the reply";
    return outcome;
  }
  const json& choice = choices.front();
  const json& message = field(choice, "message");
  const AnswerText answer = answer_in(message_text(message));
  outcome.text = answer.text;
  const std::string reason = string(choice, "finish_reason");
  const Finish finish = finish_of(reason);
  if (finish == Finish::broken_off) {
    outcome.kind = Kind::failed;
    outcome.reason = "the server broke off: finish_reason " + reason;
    outcome.broken_off = true;
  } else if (finish == Finish::cut || !answer.complete) {
    outcome.kind = Kind::truncated;
    outcome.reason = finish == Finish::cut ? reason : "length";
  } else if (finish == Finish::filtered) {
    outcome.kind = Kind::blocked;
    outcome.reason = reason;
  } else if (finish == Finish::other) {
    const bool calls = reason == "tool_calls" || reason == "function_call";
    outcome.reason = calls ? "tool calls in place of text" : "finish_reason " + reason;
  } else if (is_blank(outcome.text)) {
    const bool refused = !refusal_of(message).empty();
    outcome.kind = refused ? Kind::blocked : Kind::malformed;
    outcome.reason = refused ? "refusal" : "no text in the reply";
  } else {
    outcome.kind = Kind::text;
  }
  return outcome;
}

std::string openai_url(const std::string& base_url, const std::string& path) {
  const size_t host = base_url.find("://") + 3;
  const bool bare = base_url.find('/', host) == std::string::npos;
  return fmt::format("{}{}/{}", base_url, bare ? "/v1" : "", path);
}

std::string openai_base_url(const std::string& given, const RemoteContext& context) {
  std::string base = given.empty() ? context.environment("OPENAI_BASE_URL") : given;
  if (base.empty()) base = kOpenAi;
  return checked_base_url(base, "base_url");
}

std::unique_ptr<ChatProtocol> make_openai_protocol(const ChatOptions& options, const std::string& base_url) {
  return std::make_unique<OpenAiProtocol>(base_url, options.model, parameters_object(options.parameters, "parameters"));
}

void find_openai_model(ApiClient& client, const std::string& base_url, const ChatService& service) {
  const std::string url = openai_url(base_url, "models");
  const HttpResponse response = client.call({.url = url});
  throw_if_hopeless(response, url, service.section);
  if (!response.success()) throw refusal(url, response);
  const json reply = json::parse(response.body, nullptr, false);
  const json& models = field(reply, "data");
  std::string names;
  if (models.is_array())
    for (const json& entry : models) {
      const std::string id = string(entry, "id");
      if (id == service.options.model) return;
      if (names.size() < 200) names += (names.empty() ? "" : ", ") + id;
    }
  throw config_error(fmt::format("{}: has no model '{}'; it lists {}", display_url(url), service.options.model,
                                 names.empty() ? "none" : names));
}

std::unique_ptr<Credentials> make_openai_credentials(const CredentialOptions& options, const std::string& base_url,
                                                     const RemoteContext& context) {
  const bool own = base_url.starts_with("https://api.openai.com/");
  ApiKeyStyle style = {"Authorization", "Bearer ", {"OPENAI_API_KEY"}, {}};
  if (own) {
    for (const auto& [variable, header] :
         {std::pair("OPENAI_ORG_ID", "OpenAI-Organization"), std::pair("OPENAI_PROJECT_ID", "OpenAI-Project")})
      if (const std::string value = context.environment(variable); !value.empty())
        style.extra.push_back({header, Secret(value)});
  }
  auto key = options.kind == "none" ? nullptr : make_api_key(options, style, context);
  if (key && base_url.starts_with("http:") && !is_this_machine(base_url))
    log::warn("{}: the {} travels unencrypted", display_url(base_url), key->describe());
  if (key) return key;
  if (own) throw config_error("no OpenAI key: set OPENAI_API_KEY");
  return make_no_credentials();
}

}  // namespace latentcrs
