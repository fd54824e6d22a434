// A dialogue with one user: what they say, what they are shown, what they take and refuse.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "latentcrs/export.h"
#include "latentcrs/items.h"

namespace latentcrs {

class ConversationService;
class Recommender;
class RecommenderService;

/// A turn of a dialogue that was held elsewhere, to go on from.
struct EarlierTurn {
  std::string utterance;            ///< what the user said; not blank
  std::vector<std::int64_t> shown;  ///< ids of what they were shown, best first
};

struct ConversationOptions {
  std::vector<std::int64_t> history = {};  ///< ids of the user's items, oldest first; may be empty
  std::vector<EarlierTurn> earlier = {};   ///< oldest first
  HistoryItems history_items = HistoryItems::as_configured;
  int shown_items = 0;  ///< items shown a turn, at most the run's evaluate.candidates; 0: its evaluate.shown_items
};

/// A turn of the dialogue: the words, how they were understood, and the items shown.
struct ConversationTurn {
  std::string utterance;              ///< as say() got it
  std::string wanted;                 ///< the text that stood for the dialogue so far and was embedded
  std::vector<std::string> features;  ///< the facets asked for, spelled as in the dataset; they order what is shown
  std::vector<RankedItem> shown;      ///< best first; fewer than wanted only where the items run out
  std::vector<IntentProbability> intents;  ///< the most probable intents p(m|u,x), at most 3, most probable first
  std::vector<std::string> refused = {};   ///< the facets turned down ("no horror"); no item shown has one
};

/// Each turn is one of the evaluation's dialogues (docs/method.md, section 9): the words so far give a text and facets;
/// the best candidates by p(m|u,x) are ordered by how many of the facets they have; what was shown before is not shown
/// again. Unlike there, items that have a facet which the words turn down ("no horror") are left out. Functions throw
/// Error and then leave the conversation as it was: `usage` for an argument that is wrong, `remote` where the run's
/// embedder or extractor is a service that fails.
///
/// Threads: one conversation belongs to one thread at a time; different ones, also of the same Recommender, may be used
/// at once. A conversation keeps what it needs of its Recommender alive.
class LATENTCRS_EXPORT Conversation {
 public:
  Conversation(Conversation&&) noexcept;
  Conversation& operator=(Conversation&&) noexcept;
  ~Conversation();

  /// The user says `utterance` (UTF-8, not blank); returns the new turn. The reference is valid until the next say().
  const ConversationTurn& say(std::string_view utterance);
  /// The user takes `item`: it joins the history, as its newest item, and is not shown again.
  void accept(std::int64_t item);
  /// The user wants no `item`: it is not shown again, whether it was shown before or not.
  void reject(std::int64_t item);

  /// The turns held with say(), oldest first; ConversationOptions::earlier is not among them.
  const std::vector<ConversationTurn>& turns() const;
  /// The items of the user, oldest first: those it began with, then the accepted ones.
  const std::vector<std::int64_t>& history() const;

 private:
  friend class Recommender;
  Conversation(std::shared_ptr<const RecommenderService> recommender, std::unique_ptr<ConversationService> service);

  std::shared_ptr<const RecommenderService> recommender_;
  std::unique_ptr<ConversationService> service_;  // refers to *recommender_, so it goes first
};

}  // namespace latentcrs
