#include "service/api/dialogue_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/util/error.h"
#include "language/dialogue/shown_items.h"

namespace latentcrs {

namespace {

using ItemSet = std::unordered_set<int64_t>;

Understood understood_of(const OpenedRun& run, const DialogueState& state) {
  if (state.understood) return *state.understood;
  if (state.turns.empty()) return {};
  std::vector<DialogueTurn> dialogue;
  for (const EarlierTurn& turn : state.turns) dialogue.push_back({.user = turn.utterance, .shown_items = turn.shown});
  Extraction extraction = run.extract(dialogue);
  return {.wanted = std::move(extraction.intents),
          .features = std::move(extraction.features),
          .refused = std::move(extraction.refused)};
}

ItemSet shown_before(const DialogueState& state) {
  ItemSet shown(state.also_shown.begin(), state.also_shown.end());
  for (const EarlierTurn& turn : state.turns) shown.insert(turn.shown.begin(), turn.shown.end());
  return shown;
}

/// Enough items that, without those shown before, all candidates are among them. Kept items may stand anywhere, and
/// those of some years or without a refused facet too.
int wanted_items(const RunRecommender& recommender, const DialogueState& state, size_t shown, bool refuses) {
  const Config& config = recommender.run().config();
  if (!state.kept.empty() || state.years.before || state.years.after || refuses)
    return static_cast<int>(recommender.run().items().size());
  return config.evaluate.candidates + static_cast<int>(config.compat.refused_items_return ? 0 : shown);
}

RankRequest request_of(const DialogueState& state, const std::string& words, int items) {
  RankRequest request{.history = state.history,
                      .utterance = words,
                      .k = items,
                      .history_items = state.history_items,
                      .excluded = state.never_shown};
  request.history.insert(request.history.end(), state.liked.begin(), state.liked.end());
  request.excluded.insert(request.excluded.end(), state.liked.begin(), state.liked.end());
  return request;
}

/// The facets that were asked for, then those of the liked items.
std::vector<std::string> wanted_features(const OpenedRun& run, const DialogueState& state,
                                         std::vector<std::string> features) {
  for (const int64_t id : state.liked)
    if (const Item* item = run.catalogue().find(id); item != nullptr)
      for (const std::string& facet : item->facets)
        if (std::find(features.begin(), features.end(), facet) == features.end()) features.push_back(facet);
  return features;
}

bool has_any(const Item& item, const std::vector<std::string>& features) {
  return std::any_of(features.begin(), features.end(), [&](const std::string& feature) {
    return std::find(item.facets.begin(), item.facets.end(), feature) != item.facets.end() ||
           std::find(item.names.begin(), item.names.end(), feature) != item.names.end();
  });
}

/// The items of the ranking that may be shown for the first time, best first.
std::vector<int32_t> admitted(const OpenedRun& run, const Ranking& ranking, const DialogueState& state,
                              const std::vector<std::string>& refused) {
  const ItemSet kept(state.kept.begin(), state.kept.end());
  std::vector<int32_t> items;
  for (const RankedItem& ranked : ranking.items) {
    const Item* item = run.catalogue().find(ranked.id);
    const bool is_refused = item != nullptr && has_any(*item, refused);
    if (!kept.contains(ranked.id) && !is_refused && state.years.admits(item == nullptr ? 0 : item->year))
      items.push_back(static_cast<int32_t>(ranked.id));
  }
  return items;
}

/// The items of a ranking with these ids, in their order; an id that it lacks is passed over.
std::vector<RankedItem> with_scores(const std::vector<int64_t>& ids, const Ranking& ranking) {
  std::unordered_map<int64_t, const RankedItem*> by_id;
  for (const RankedItem& item : ranking.items) by_id.emplace(item.id, &item);
  std::vector<RankedItem> items;
  for (const int64_t id : ids)
    if (const auto found = by_id.find(id); found != by_id.end()) items.push_back(*found->second);
  return items;
}

}  // namespace

int shown_items_of(const OpenedRun& run, int wanted) {
  const EvaluateOptions& evaluate = run.config().evaluate;
  if (wanted < 0 || wanted > evaluate.candidates)
    throw usage_error(
        fmt::format("converse: shown_items is {}; it must be at least 0 and at most {}, the run's "
                    "evaluate.candidates",
                    wanted, evaluate.candidates));
  return wanted == 0 ? evaluate.shown_items : wanted;
}

ConversationTurn answer_of(const RunRecommender& recommender, const DialogueState& state) {
  const OpenedRun& run = recommender.run();
  const int shown_items = shown_items_of(run, state.shown_items);
  const Understood understood = understood_of(run, state);
  const ItemSet before = shown_before(state);
  const int items = wanted_items(recommender, state, before.size(), !understood.refused.empty());
  const Ranking ranking = recommender.rank(request_of(state, understood.wanted, items));
  std::vector<int64_t> shown = state.kept;
  const int free = std::max(0, shown_items - static_cast<int>(shown.size()));
  const std::vector<int64_t> chosen = choose_shown_items(
      admitted(run, ranking, state, understood.refused), before, wanted_features(run, state, understood.features),
      run.catalogue(), {run.config().evaluate.candidates, free, run.config().compat.refused_items_return});
  shown.insert(shown.end(), chosen.begin(), chosen.end());
  return {.utterance = state.turns.empty() ? std::string() : state.turns.back().utterance,
          .wanted = understood.wanted,
          .features = understood.features,
          .shown = with_scores(shown, ranking),
          .intents = ranking.intents,
          .refused = understood.refused};
}

}  // namespace latentcrs
