// A row of answers of Gemini's batch jobs, on Vertex and of the Developer API alike.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "llm/batch_job.h"

namespace latentcrs {

/// Puts the `response` of an answered request into its row: as the reply, or, where there is none or it settles
/// nothing, as a failure that another job may mend.
void take_gemini_response(const nlohmann::json& response, BatchRow& row);

}  // namespace latentcrs
