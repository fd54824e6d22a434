// People's conversations linked to the items of the dataset: rows to rank, one for each target.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/config/evaluate_options.h"
#include "base/metrics/conversation_metrics.h"
#include "datasets/data/conversations.h"
#include "datasets/data/histories.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "experiment/run/raw_ids.h"
#include "language/text/title_match.h"

namespace latentcrs {

/// Row i of everything is a conversation and one of its targets. Items are dense ids.
struct ConversationRows {
  std::vector<ConversationPoint> conversations;  ///< of which rows there are, each once
  std::vector<std::vector<Speaker>> said_by;     ///< [conversations] of the linked items
  Histories histories;             ///< [conversations] linked distinct items, in the order of first mention
  std::vector<std::string> texts;  ///< [conversations] the words to embed; empty where there are none
  std::vector<size_t> of_row;      ///< the place in `conversations`
  std::vector<int32_t> targets;
  std::vector<ConversationCondition> conditions;
  RankedUsers
      ranked;  ///< ids (unique), targets in raw ids, whether the words or the history name the target, dialogues

  size_t size() const { return targets.size(); }
};

/// What conversations are linked to.
struct ConversationCatalogue {
  const ItemCatalogue& catalogue;
  const DenseItems& items;
  const ItemCounts& counts;  ///< TitleIndex
  RawIds raw_ids = {};       ///< of the items, as the raw files write them
};

/// Links ids of the raw files and titles to items of the dataset. A text of digits alone is an id only where no title
/// has this text, since films are called "1917" or "300". A conversation whose file gives no history gets the titles in
/// its utterances. A target that the file does not say to be a recommendation or a discussion is one of a discussion if
/// it is in the history. Items that the dataset does not have are counted in `left_out`; so are conversations without a
/// target. Throws Error(data) if no row is left.
ConversationRows link_conversations(std::vector<ConversationPoint> conversations, const ConversationCatalogue& to,
                                    ConversationText text, ConversationFaults& left_out);

/// The distinct items that each conversation mentions, dense ids: those of its history, then its targets, or where it
/// has none the items that the response names.
std::vector<std::vector<int32_t>> mentioned_items(const std::vector<ConversationPoint>& conversations,
                                                  const ConversationCatalogue& to, ConversationFaults& left_out);

/// The words of a conversation that are embedded, one utterance a line; empty where there are none.
std::string embedded_text(const ConversationPoint& conversation, ConversationText which);

/// The groups that are reported: all; recommendations and discussions; the recommendations by the length of the history
/// and by the popularity of the target. counts: [V + 1] of each dense item. The items, most popular first, fall into
/// three parts with a third of the interactions each.
std::vector<RowGroup> conversation_groups(const ConversationRows& rows, const std::vector<double>& counts);

/// For each row another one, of another dialogue, whose words it gets; the row itself where there is no other with
/// words.
std::vector<int64_t> rows_of_other_dialogues(const ConversationRows& rows, uint64_t seed);

}  // namespace latentcrs
