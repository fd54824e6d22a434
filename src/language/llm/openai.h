// The endpoint /v1/chat/completions of OpenAI and of the many servers that speak like it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "language/llm/chat_protocol.h"
#include "language/llm/service.h"
#include "language/transport/api_client.h"
#include "language/transport/credentials.h"

namespace latentcrs {

/// `parameters` (an object) is merged in beside model and messages.
nlohmann::json openai_chat_request(const ChatRequest& request, const std::string& model,
                                   const nlohmann::json& parameters);

/// Reads a chat completion. Reasoning and template marks that servers leave in are left out of the text. An answer is
/// whole if its finish reason is `stop`, a synonym (eos, end_turn) or missing. `length` and its synonyms truncate it, a
/// filter blocks it, and every other reason (abort, error, insufficient_system_resource, tool calls, unknown words)
/// spoils it.
ChatOutcome parse_openai_chat_reply(const nlohmann::json& reply);

/// The address of `path` ("models") below the base URL. /v1 comes between where the base URL has no path of its own.
std::string openai_url(const std::string& base_url, const std::string& path);

/// `given`, else $OPENAI_BASE_URL, else OpenAI's own address. Throws Error(config) if it is not a base URL.
std::string openai_base_url(const std::string& given, const RemoteContext& context);

std::unique_ptr<ChatProtocol> make_openai_protocol(const ChatOptions& options, const std::string& base_url);

/// Looks for the model in the server's list, which costs nothing. Throws Error if it is not there.
void find_openai_model(ApiClient& client, const std::string& base_url, const ChatService& service);

/// A bearer key from OPENAI_API_KEY or the options. Where there is none, a server other than OpenAI's own gets no
/// credentials, and OpenAI's is an Error(config).
std::unique_ptr<Credentials> make_openai_credentials(const CredentialOptions& options, const std::string& base_url,
                                                     const RemoteContext& context);

}  // namespace latentcrs
