// A conversation with a person about the items of a run: what is shown, why, and what the words changed. The terminal
// (`latentcrs chat`) and the server (`latentcrs serve`) show the same session.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "latentcrs/conversation.h"
#include "latentcrs/items.h"
#include "service/api/dialogue_state.h"
#include "service/api/recommender_service.h"
#include "service/talk/criticism.h"

namespace latentcrs {

/// An item of a turn.
struct ShownItem {
  ItemDetails item = {};
  double score = 0;             ///< compares within the turn only
  std::int64_t rank = 0;        ///< place in the ranking of history and words, from 1
  std::int64_t rank_alone = 0;  ///< place in the ranking of the history alone; 0: it is no candidate there
  std::vector<std::string> facets_wanted = {};  ///< facets, and names of its people, that were asked for
};

/// An intent with the items that stand for it.
struct NamedIntent {
  std::int64_t intent = 0;                ///< as `latentcrs intents` numbers them
  double probability = 0;                 ///< p(m|u,x); q(m|u) in a turn without words
  std::vector<ItemDetails> nearest = {};  ///< nearest first
};

/// An item whose place the words changed.
struct MovedItem {
  ItemDetails item = {};
  std::int64_t rank_alone = 0, rank = 0;  ///< as in ShownItem
};

struct TalkTurn {
  std::string said = {};                   ///< the person's sentence; a criticism given without one in words of ours
  Criticism criticism = {};                ///< how it was understood
  std::vector<ItemDetails> taken = {};     ///< items accepted with it
  std::string wanted = {};                 ///< the text that stands for the dialogue so far and was embedded
  std::vector<std::string> features = {};  ///< facets asked for, spelled as in the dataset
  std::vector<std::string> refused = {};   ///< facets turned down; no item that has one is shown
  std::vector<ShownItem> shown = {};       ///< best first; empty where it was only accepted, or the items ran out
  std::vector<NamedIntent> intents = {};   ///< the most probable, at most TalkOptions::intents
  /// What the words changed: items that are among the first 20 with them (or without them), by how many times nearer
  /// to the top (or farther from it) they are, the largest change first.
  std::vector<MovedItem> rose = {}, fell = {};
  std::vector<std::string> notes = {};  ///< sentences about what was done: "Heat (1995) is not shown again."
  std::string answer = {};  ///< to the person, without the list: the notes, or what a language model makes of the turn
  std::vector<std::int64_t> accepted = {};  ///< items accepted between this turn and the next
};

/// An intent's part in an item's score.
struct ReasonIntent {
  NamedIntent intent = {};
  std::int64_t rank = 0;  ///< the item's place where this intent alone decides
};

/// Why an item has its place.
struct Reasons {
  ItemDetails item = {};
  std::int64_t rank = 0, rank_alone = 0;
  std::vector<std::string> facets_wanted = {};
  std::vector<ReasonIntent> intents = {};      ///< those that raised it, by their part in its score
  std::vector<ItemDetails> near_history = {};  ///< at most three items of the history, by the cosine of their vectors
};

/// Words about the last of the turns, for TalkTurn::answer; may be empty. Its faults are no faults of the session.
using PhraseTurn = std::function<std::string(const std::vector<TalkTurn>& turns)>;

struct TalkOptions {
  std::vector<std::int64_t> history = {};  ///< ids of the person's items, oldest first
  std::vector<EarlierTurn> earlier = {};   ///< of a dialogue held elsewhere, oldest first
  HistoryItems history_items = HistoryItems::leave_out;
  int shown_items = 0;          ///< as ConversationOptions::shown_items
  bool reads_criticism = true;  ///< otherwise every sentence is words, as in the evaluation's dialogues
  int intents = 3;              ///< intents of a turn; >= 0
  int nearest = 3;              ///< items that name an intent; >= 0
  int moved = 3;                ///< items of `rose` and `fell` each; >= 0
  PhraseTurn phrase = {};       ///< asked for every turn; without it the answer is the notes
};

/// A conversation. Functions throw Error and then leave it as it was: `usage` for an argument that is wrong, `remote`
/// where the run's embedder or extractor is a service that fails. A turn without any criticism before it shows what
/// Conversation::say() shows. One session belongs to one thread at a time; several may share a recommender.
class TalkSession {
 public:
  TalkSession(SharedRecommenderService recommender, TalkOptions options);

  /// The person says `sentence` (UTF-8, not blank). References to turns are valid until the next change.
  const TalkTurn& say(std::string_view sentence);
  /// The same with a criticism that is already understood. Needs a turn before it, unless there are liked items.
  const TalkTurn& criticise(const Criticism& criticism);
  /// The person takes `item`, shown or not: it joins the history as its newest item and is not shown again.
  void accept(std::int64_t item);
  /// Takes back the last say(), criticise() or accept(). Returns false where there is nothing to take back.
  bool undo();

  /// Why `item` has its place in the last turn, or, before the first, in the ranking of the history alone.
  Reasons why(std::int64_t item) const;

  const std::vector<TalkTurn>& turns() const { return now_.turns; }
  /// Oldest first, the accepted ones included.
  const std::vector<std::int64_t>& history() const { return now_.state.history; }
  const TalkOptions& options() const { return options_; }

  /// The dialogue for `latentcrs evaluate conversations=FILE` (docs/conversations.md): a line for each accepted item,
  /// with the words and lists before it. `name` is the dialogue's. Throws Error(usage) where nothing was accepted,
  /// because a line without a target measures nothing.
  std::string dialogue_lines(std::string_view name) const;

 private:
  /// All that undo() brings back.
  struct Snapshot {
    DialogueState state;
    std::vector<TalkTurn> turns;
    RankRequest asked;  ///< the ranking behind the last turn; before the first, that of the history alone
  };
  using Places = std::unordered_map<std::int64_t, std::int64_t>;

  std::vector<ListedItem> last_list() const;
  const TalkTurn& take_turn(std::string said, const Reply& reply);
  void describe(Snapshot& next, const ConversationTurn& turn, TalkTurn& described) const;
  void compare_with_history(const Snapshot& next, TalkTurn& turn) const;
  std::vector<NamedIntent> named(const std::vector<IntentProbability>& intents) const;
  const std::vector<std::int64_t>& order_alone(const std::vector<std::int64_t>& history) const;
  void change_to(Snapshot next);
  ItemDetails details(std::int64_t id) const;

  SharedRecommenderService recommender_;
  TalkOptions options_;
  Snapshot now_;
  std::vector<Snapshot> before_;
  mutable std::vector<std::int64_t> alone_history_, alone_order_;  ///< the last result of order_alone()
};

/// The items that `text` names as a history: ids of the raw files with commas between (numbers also with blanks), or
/// titles as people write them. What names no item of the dataset is left out and put into `unknown`.
std::vector<ItemDetails> read_history(const RecommenderService& recommender, std::string_view text,
                                      std::vector<std::string>& unknown);

/// A turn as plain text: the answer, then a numbered line for each item with year and facets.
std::string to_text(const TalkTurn& turn);

}  // namespace latentcrs
