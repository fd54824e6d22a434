// The zero-shot baseline: a chat model names titles, and the target's place among them is scored as the other ranks.
#pragma once

#include <string>
#include <vector>

#include "base/metrics/one_turn.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/em_inputs.h"
#include "experiment/stages/stage.h"
#include "language/llm/chat.h"
#include "language/text/title_match.h"

namespace latentcrs {

/// Indices of the test users asked about: evaluate.zero_shot.users of `count`, drawn as those of the dialogues.
std::vector<size_t> zero_shot_sample(const Config& config, size_t count);

/// The requests about `users`; `input` is one of evaluate.zero_shot.inputs. Throws Error(config) for a wrong template.
std::vector<ChatRequest> zero_shot_requests(const StageContext& context, const ItemCatalogue& catalogue,
                                            const std::string& input, const std::vector<Utterance>& users);

/// The users that zero-shot titles are asked for, and their ranks by the trained model.
struct ZeroShotUsers {
  std::vector<Utterance> test;  ///< all test users; one without a reply is a miss where the utterance is needed
  std::vector<std::string> customer_ids;  ///< the users of `trained`; only they are asked about
  std::vector<RankedRow> trained;         ///< rows of the one-turn table
};

/// Asks, matches the titles to the catalogue, writes evaluate/zero_shot.json and zero_shot_<input>.jsonl (titles and
/// what they were taken for), and returns the table: for each input the target's rank among all titles named, among
/// those in the catalogue, and among those not had before either; then `trained`, the rows of the one-turn table for
/// the same users. `counts`: how often each item occurs in training, for titles that several items answer to.
Answers<Table> evaluate_zero_shot(const StageContext& context, const EmInputs& inputs, ZeroShotUsers asked,
                                  ItemCounts counts);

}  // namespace latentcrs
