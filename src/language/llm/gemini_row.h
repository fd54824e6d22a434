// Rows of answers of Gemini's batch jobs, which Vertex AI and the Developer API write alike.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "language/llm/batch_service.h"

namespace latentcrs {

/// Puts the `response` of an answered request into its row. It becomes the reply. Where it is missing or has no
/// result, the row gets a failure that another job may overcome.
void take_gemini_response(const nlohmann::json& response, BatchRow& row);

}  // namespace latentcrs
