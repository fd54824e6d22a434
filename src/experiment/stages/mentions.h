// What other people talk about: how many of their dialogues mention an item, as a part of score_mixture
// (docs/method.md, section 9).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <vector>

#include "experiment/stages/conversation_rows.h"
#include "experiment/stages/stage_context.h"

namespace latentcrs {

struct MentionCounts {
  std::vector<int64_t> dialogues;  ///< [V + 1], those that mention each item
  int64_t counted = 0;             ///< dialogues in all
  int64_t left_out = 0;            ///< dialogues that also stand among the evaluated ones
};

/// Counts each dialogue once for an item, however often it is mentioned there. A dialogue would tell the targets of the
/// `evaluated` ones if it were one of them, so it does not count where two different utterances of five words and more,
/// or its only one, also stand in one of those. If there are any, one without such an utterance does not count either.
MentionCounts count_mentions(const std::vector<ConversationPoint>& of_others, const ConversationCatalogue& to,
                             const std::vector<ConversationPoint>& evaluated, ConversationFaults& left_out);

/// The files that the setting `mentions` names, if it counts. Throws Error(data) if one is not there.
std::vector<std::filesystem::path> mention_files(const StageContext& context);

enum class MentionNotes { said, silent };

/// τ log(1 + dialogues that mention the item) [V + 1], of the files of `mentions`; undefined if there are none. With
/// `said` the log tells how many dialogues count and what was left out. Throws as read_conversations() does, and
/// Error(data) if no dialogue is left or none mentions an item of the dataset.
at::Tensor mention_scores(const StageContext& context, const ConversationCatalogue& to, MentionNotes notes,
                          const std::vector<ConversationPoint>& evaluated = {});

}  // namespace latentcrs
