// The conversation loop of docs/method.md, section 9: a recommender and a simulated user, until the target is shown or
// turns run out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/config/compat_options.h"
#include "base/config/evaluate_options.h"
#include "base/config/text_options.h"
#include "base/metrics/metrics.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/splits.h"
#include "language/dialogue/feature_extraction.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs {

class DialogueRecommender {
 public:
  virtual ~DialogueRecommender() = default;
  /// For each user the raw ids of the k best items (fewer only if there are fewer), best first, given their history
  /// and the text that stands for their words. Sizes of `users` and `texts` are equal.
  virtual std::vector<std::vector<int32_t>> recommend(const std::vector<const SplitRecord*>& users,
                                                      const std::vector<std::string>& texts, int k) = 0;
};

/// The start of a dialogue.
struct DialogueCase {
  SplitRecord record;
  std::optional<std::string> opening;  ///< the recorded utterance; nothing if the simulator failed on this user
  bool opening_leaks = false;          ///< whether it is known to give the title away; it is checked in any case
  std::string prompt;                  ///< the user's prompt, for simulators that need it
};

/// The words and the shown items of one turn.
struct TurnRecord {
  std::string utterance;
  bool leaks_title = false;
  Extraction extraction;
  std::vector<int64_t> shown;  ///< raw item ids, best first
};

struct DialogueResult {
  std::string customer_id;
  int32_t target = 0;
  std::vector<TurnRecord> turns;
  int success_turn = 0;        ///< from 1; 0: the target was never shown
  bool missing_reply = false;  ///< the dialogue ended because the user's next words were missing

  bool leaks_title() const;
};

struct MultiTurnResult {
  std::vector<DialogueResult> dialogues;
  int64_t dropped = 0;         ///< dialogues left out for a missing reply (compat.drop_missing_replies)
  size_t answers_to_come = 0;  ///< > 0: batch jobs were left running, and there are no dialogues yet

  int64_t missing_replies() const;
  /// Share of dialogues that succeed within `turn` turns; 0 if there are none.
  double success_rate(int turn) const;
  /// Mean turn of success, failures counting as `failure_turn`; 0 if there are no dialogues.
  double average_turn(int failure_turn) const;
  /// 95% intervals of the two: Wilson's, and the half-width of a normal one.
  Interval success_rate_95(int turn) const;
  double average_turn_95(int failure_turn) const;
  /// The dialogues that go on after a first turn without success.
  MultiTurnResult after_first_turn() const;
  /// The dialogues in which no utterance leaks the title.
  MultiTurnResult without_leaks() const;
};

/// The settings of dialogues: their length, the check of what users say, published behaviours.
struct DialogueOptions {
  EvaluateOptions evaluate;
  SimulateOptions simulate;
  CompatOptions compat;
};

/// The participants of dialogues. All of them outlive the call.
struct DialogueParties {
  const ItemCatalogue& catalogue;
  DialogueRecommender& recommender;
  UserSimulator& simulator;
  IntentExtractor& extractor;
};

/// All dialogues at once, turn by turn. In a turn: the extraction of the dialogue so far gives the text and the wanted
/// features; the recommender's best `candidates` items are sorted, stably, by how many of the features they have; the
/// first `shown_items` are shown. Items shown before are not among the candidates; with compat.refused_items_return
/// they are candidates that go last before the sort by features. The dialogue succeeds if the target is shown;
/// otherwise the user speaks again. A user whose words are missing has failed (with compat.drop_missing_replies they
/// are left out and counted in `dropped`). Results are in the order of `cases`. Where a party leaves batch jobs
/// running, the loop stops. Throws Error(interrupted) between turns.
MultiTurnResult run_dialogues(const std::vector<DialogueCase>& cases, const DialogueParties& parties,
                              const DialogueOptions& options);

/// One JSON object a dialogue: customer_id, target, target_title, success_turn (null for a failure), missing_reply, and
/// turns with user, leaks_title, intents, features, fallback, shown, shown_titles. An item that the catalogue does not
/// have has an empty title. Atomically.
void write_transcripts(const MultiTurnResult& result, const ItemCatalogue& catalogue,
                       const std::filesystem::path& path);

}  // namespace latentcrs
