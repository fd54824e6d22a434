// Multi-turn evaluation of a trained model: the prior recommends, the configured simulator is the user.
#pragma once

#include <vector>

#include "experiment/stages/em_inputs.h"
#include "experiment/stages/stage.h"
#include "language/llm/answers.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// Throws Error(data) if dialogues would be embedded with another width than the utterances that the prior knows.
void check_dialogue_embedder(const Config& config, int64_t text_width);

/// Holds the dialogues of the sampled test users, writes evaluate/multi_turn.json and transcripts.jsonl, and returns
/// the table: SR@1..T and AT over all users and over those whose words never gave the title away.
Answers<Table> evaluate_multi_turn(const StageContext& context, const EmInputs& inputs, EmNetworks& networks);

}  // namespace latentcrs
