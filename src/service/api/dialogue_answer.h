// The next turn of a dialogue, by the steps of the evaluation's dialogues (docs/method.md, section 9).
#pragma once

#include "latentcrs/conversation.h"
#include "service/api/dialogue_state.h"
#include "service/api/run_recommender.h"

namespace latentcrs {

/// As RecommenderService::answer().
ConversationTurn answer_of(const RunRecommender& recommender, const DialogueState& state);

/// How many items a turn shows: `wanted`, or what the run says for 0. Throws Error(usage) as Recommender::converse().
int shown_items_of(const OpenedRun& run, int wanted);

}  // namespace latentcrs
