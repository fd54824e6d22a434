// generateContent, as the Developer API, Vertex AI and Vertex batch jobs share it.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "llm/chat.h"

namespace latentcrs {

struct GeminiParameters {
  nlohmann::json generation_config = nlohmann::json::object();  ///< sent verbatim; left out if empty
  std::string safety_threshold;                                 ///< for four categories; empty: none sent
};

/// A GenerateContentRequest.
nlohmann::json gemini_request(const ChatRequest& request, const GeminiParameters& parameters);

/// Of a GenerateContentResponse. The text is that of all parts but the thoughts. A part of a long answer counts as
/// truncated: ChatProtocol::continuation() asks for the rest. Finish reasons that are no verdict on the prompt (OTHER,
/// MALFORMED_RESPONSE, names not known yet) are malformed; PUP_LIMITED_DISABLED, the account's, is hopeless.
ChatOutcome parse_gemini_reply(const nlohmann::json& reply);

/// https://aiplatform.googleapis.com for `global`, the regional and multi-regional hosts otherwise.
std::string vertex_base_url(const std::string& location);
/// projects/P/locations/L/publishers/google/models/M, and without the project for a key in express mode.
std::string vertex_model_path(const std::string& project, const std::string& location, const std::string& model);

/// The Developer API's address: options.base_url, or Google's.
std::string gemini_base_url(const ChatOptions& options);
std::unique_ptr<ChatProtocol> make_gemini_protocol(const ChatOptions& options);
/// `project` may be empty: express mode, which needs an API key.
std::unique_ptr<ChatProtocol> make_vertex_protocol(const ChatOptions& options, const std::string& project,
                                                   const std::string& location);

}  // namespace latentcrs
