// The first replies of a language model that speaks for users: whether model, prompt and server fit each other.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "language/dialogue/user_simulator.h"

namespace latentcrs {

/// Replies that are asked for before all others.
inline constexpr size_t kTrialReplies = 20;

/// Says how many of the `answers` to `requests` are usable. Throws Error(remote), with examples and advice, if none is,
/// or if there are kTrialReplies and the share of usable ones is below `least_usable`; 0 never throws. `what` names the
/// replies: "the first 20 replies".
void judge_replies(const std::vector<UtteranceRequest>& requests, const std::vector<SpokenWords>& answers,
                   const std::string& what, double least_usable);

/// Compares the tokens that the server counted with the bytes that were sent. Throws Error(remote) where a prompt can
/// not have reached the model as it was sent (a token for more than 20 bytes), and warns where one was probably
/// shortened: from 8 bytes a token, or twice as many as the median of the prompts. Servers that do not count are
/// believed.
void check_prompt_counts(const std::vector<UtteranceRequest>& requests, const std::vector<SpokenWords>& answers);

}  // namespace latentcrs
