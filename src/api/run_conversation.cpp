#include "api/run_conversation.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "api/only_errors.h"
#include "api/run_recommender.h"
#include "dialogue/shown_items.h"
#include "util/error.h"
#include "util/text.h"
#include "util/utf8.h"

namespace latentcrs {

namespace {

int shown_items_of(const EvaluateOptions& evaluate, int wanted) {
  if (wanted < 0 || wanted > evaluate.candidates)
    throw usage_error(
        fmt::format("converse: shown_items is {}; it must be at least 0 and at most {}, the run's "
                    "evaluate.candidates",
                    wanted, evaluate.candidates));
  return wanted == 0 ? evaluate.shown_items : wanted;
}

void require_words(std::string_view utterance, const char* function) {
  if (is_blank(utterance)) throw usage_error(fmt::format("{}: the utterance is blank", function));
  if (!is_utf8(utterance)) throw usage_error(fmt::format("{}: the utterance is not UTF-8", function));
}

/// The items of a ranking with these ids, in their order.
std::vector<RankedItem> with_scores(const std::vector<int64_t>& ids, const Ranking& ranking) {
  std::unordered_map<int64_t, const RankedItem*> by_id;
  for (const RankedItem& item : ranking.items) by_id.emplace(item.id, &item);
  std::vector<RankedItem> items;
  for (const int64_t id : ids) items.push_back(*by_id.at(id));
  return items;
}

}  // namespace

RunConversation::RunConversation(const RunRecommender& recommender, const ConversationOptions& options)
    : recommender_(recommender),
      history_(options.history),
      history_items_(options.history_items),
      shown_items_(shown_items_of(recommender.run().config().evaluate, options.shown_items)) {
  recommender.run().dense(options.history, "history");  // throws for an id that does not occur
  for (const EarlierTurn& turn : options.earlier) {
    require_words(turn.utterance, "converse");
    recommender.run().dense(turn.shown, "earlier");
    dialogue_.push_back({.user = turn.utterance, .shown_items = turn.shown});
    shown_.insert(turn.shown.begin(), turn.shown.end());
  }
}

/// Enough items that, without those shown before, all candidates are among them.
RankRequest RunConversation::request(const std::string& text) const {
  const Config& config = recommender_.run().config();
  const size_t passed_over = config.compat.refused_items_return ? 0 : shown_.size();
  return {.history = history_,
          .utterance = text,
          .k = config.evaluate.candidates + static_cast<int>(passed_over),
          .history_items = history_items_,
          .excluded = never_shown_again_};
}

const ConversationTurn& RunConversation::say(std::string_view utterance) {
  require_words(utterance, "say");
  return only_errors([&]() -> const ConversationTurn& {
    const OpenedRun& run = recommender_.run();
    std::vector<DialogueTurn> dialogue = dialogue_;
    dialogue.push_back({.user = std::string(utterance), .shown_items = {}});
    const Extraction extraction = run.extract(dialogue);
    const Ranking ranking = recommender_.rank(request(extraction.intents));
    std::vector<int32_t> ranked;
    for (const RankedItem& item : ranking.items) ranked.push_back(static_cast<int32_t>(item.id));
    const std::vector<int64_t> shown =
        choose_shown_items(ranked, shown_, extraction.features, run.catalogue(),
                           {run.config().evaluate.candidates, shown_items_, run.config().compat.refused_items_return});

    dialogue.back().shown_items = shown;
    turns_.push_back({.utterance = std::string(utterance),
                      .wanted = extraction.intents,
                      .features = extraction.features,
                      .shown = with_scores(shown, ranking),
                      .intents = ranking.intents});
    dialogue_ = std::move(dialogue);
    shown_.insert(shown.begin(), shown.end());
    return turns_.back();
  });
}

void RunConversation::accept(int64_t item) {
  recommender_.run().dense({item}, "accept");
  history_.push_back(item);
  never_shown_again_.push_back(item);
}

void RunConversation::reject(int64_t item) {
  recommender_.run().dense({item}, "reject");
  never_shown_again_.push_back(item);
}

}  // namespace latentcrs
