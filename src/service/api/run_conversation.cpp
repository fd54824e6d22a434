#include "service/api/run_conversation.h"

#include <fmt/format.h>

#include <utility>

#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "service/api/dialogue_answer.h"
#include "service/api/run_recommender.h"

namespace latentcrs {

namespace {

void require_words(std::string_view utterance, const char* function) {
  if (is_blank(utterance)) throw usage_error(fmt::format("{}: the utterance is blank", function));
  if (!is_utf8(utterance)) throw usage_error(fmt::format("{}: the utterance is not UTF-8", function));
}

}  // namespace

RunConversation::RunConversation(const RunRecommender& recommender, const ConversationOptions& options)
    : recommender_(recommender),
      state_{.history = options.history,
             .turns = options.earlier,
             .history_items = options.history_items,
             .shown_items = shown_items_of(recommender.run(), options.shown_items)} {
  recommender.run().dense(options.history, "history");  // throws for an id that does not occur
  for (const EarlierTurn& turn : options.earlier) {
    require_words(turn.utterance, "converse");
    recommender.run().dense(turn.shown, "earlier");
  }
}

const ConversationTurn& RunConversation::say(std::string_view utterance) {
  require_words(utterance, "say");
  DialogueState next = state_;
  next.turns.push_back({.utterance = std::string(utterance), .shown = {}});
  turns_.push_back(recommender_.answer(next));
  for (const RankedItem& item : turns_.back().shown) next.turns.back().shown.push_back(item.id);
  state_ = std::move(next);
  return turns_.back();
}

void RunConversation::accept(int64_t item) {
  recommender_.run().dense({item}, "accept");
  state_.history.push_back(item);
  state_.never_shown.push_back(item);
}

void RunConversation::reject(int64_t item) {
  recommender_.run().dense({item}, "reject");
  state_.never_shown.push_back(item);
}

}  // namespace latentcrs
