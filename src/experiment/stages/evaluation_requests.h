// The language models of evaluation: their templates and, for the dry run, the requests to them.
#pragma once

#include <vector>

#include "experiment/stages/planned_requests.h"
#include "experiment/stages/stage_context.h"

namespace latentcrs {

/// Reads the templates of a remote extractor and of the zero-shot baseline. Throws Error(config) naming file and line.
void check_evaluation_templates(const StageContext& context);

/// A row each for the user simulator and the extractor of dialogues, for every input of the zero-shot baseline, and for
/// the embeddings of dialogues and of people's conversations.
/// Dialogues are counted as if nobody succeeded before the last turn; nothing is sent.
std::vector<PlannedRequests> planned_evaluation_requests(const PlanInputs& plan);

}  // namespace latentcrs
