// /v1/chat/completions of OpenAI and of the many servers that speak like it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "llm/chat.h"

namespace latentcrs {

/// `parameters` (an object) is merged in beside model and messages.
nlohmann::json openai_chat_request(const ChatRequest& request, const std::string& model,
                                   const nlohmann::json& parameters);

/// Of a chat completion. Reasoning and template marks that servers leave in are no part of the text. Only `stop`, its
/// like (eos, end_turn) and none at all are the end of a whole answer: `length` and its like truncate it, a filter
/// blocks it, and what is left (abort, error, insufficient_system_resource, tool calls, words not known yet) spoils it.
ChatOutcome parse_openai_chat_reply(const nlohmann::json& reply);

/// base_url/path; /v1 comes between where the base URL has no path of its own.
std::string openai_url(const std::string& base_url, const std::string& path);

/// `given`, else $OPENAI_BASE_URL, else OpenAI's own. Throws Error(config) for an address that is none.
std::string openai_base_url(const std::string& given, const RemoteContext& context);

std::unique_ptr<ChatProtocol> make_openai_protocol(const ChatOptions& options, const std::string& base_url);

/// A bearer key from OPENAI_API_KEY or the options; no credentials for a server other than OpenAI's own if there is
/// none.
std::unique_ptr<Credentials> make_openai_credentials(const CredentialOptions& options, const std::string& base_url,
                                                     const RemoteContext& context);

}  // namespace latentcrs
