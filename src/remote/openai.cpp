#include "latentcrs/remote/openai.h"

#include <fmt/format.h>

#include "check_options.h"
#include "json_fields.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/log.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr std::string_view kOpenAi = "https://api.openai.com/v1";

/// `content` is a string, or a list of parts, or null.
std::string message_text(const json& message) {
  const json& content = field(message, "content");
  if (content.is_string()) return content.get<std::string>();
  std::string text;
  if (content.is_array())
    for (const json& part : content) text += string(part, "text");
  return text;
}

/// Removes a leading <think>…</think>. False if the thinking never ends.
bool drop_thinking(std::string& text) {
  constexpr std::string_view open = "<think>", close = "</think>";
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos || !std::string_view(text).substr(begin).starts_with(open)) return true;
  const size_t end = text.find(close, begin);
  text.erase(0, end == std::string::npos ? text.size() : end + close.size());
  return end != std::string::npos;
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
  outcome.text = message_text(message);
  const std::string finish = string(choice, "finish_reason");
  const bool thought = drop_thinking(outcome.text);
  if (finish == "length" || !thought) {
    outcome.kind = Kind::truncated;
    outcome.reason = "length";
  } else if (finish == "content_filter") {
    outcome.kind = Kind::blocked;
    outcome.reason = finish;
  } else if (is_blank(outcome.text)) {
    const std::string refusal = string(message, "refusal");
    outcome.kind = refusal.empty() ? Kind::malformed : Kind::blocked;
    outcome.reason = !refusal.empty()         ? "refusal"
                     : finish == "tool_calls" ? "tool calls in place of text"
                                              : "no text in the reply";
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
