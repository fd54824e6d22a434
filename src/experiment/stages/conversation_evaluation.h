// Evaluation of a trained model on people's conversations (docs/conversations.md).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "base/util/table.h"
#include "experiment/stages/em_inputs.h"
#include "experiment/stages/stage.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// The file that evaluate.conversations names. Throws Error(data) if it is not there.
std::filesystem::path conversations_file(const StageContext& context);

/// Ranks the targets of the conversations with every score, writes evaluate/conversations.json, the ranks of each
/// group, conversations.jsonl and its page, and returns a table for each group. mean_state [1, d]: the state of a user
/// about whom nothing is known.
std::vector<Table> evaluate_conversations(const StageContext& context, const EmInputs& inputs,
                                          const EmNetworks& networks, const at::Tensor& mean_state);

}  // namespace latentcrs
