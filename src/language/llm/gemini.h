// The method generateContent, which the Developer API, Vertex AI and Vertex batch jobs share.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "language/llm/chat_protocol.h"
#include "language/llm/service.h"
#include "language/transport/api_client.h"

namespace latentcrs {

struct GeminiParameters {
  nlohmann::json generation_config = nlohmann::json::object();  ///< sent verbatim; left out if empty
  std::string safety_threshold;                                 ///< for four categories; empty: none sent
};

/// A GenerateContentRequest.
nlohmann::json gemini_request(const ChatRequest& request, const GeminiParameters& parameters);

/// Reads a GenerateContentResponse. The text is that of all parts but the thoughts. A part of a long answer counts as
/// truncated: ChatProtocol::continuation() asks for the rest. Finish reasons that say nothing about the prompt (OTHER,
/// MALFORMED_RESPONSE, unknown names) are malformed; PUP_LIMITED_DISABLED, which concerns the account, is hopeless.
ChatOutcome parse_gemini_reply(const nlohmann::json& reply);

/// Makes the protocol of `service` at `url`, which ends in ":generateContent".
std::unique_ptr<ChatProtocol> make_gemini_protocol(const ChatService& service, const std::string& url);

/// Counts the tokens of a word with the model at `generate_url`, which costs nothing. Throws Error where that fails.
/// `section` is where the user finds the settings.
void count_gemini_tokens(ApiClient& client, const std::string& generate_url, const std::string& section);

/// The key of the Developer API, and of Vertex AI in express mode. Throws Error(config) if there is none.
std::unique_ptr<Credentials> make_gemini_key(const ChatService& service, const RemoteContext& context);

}  // namespace latentcrs
