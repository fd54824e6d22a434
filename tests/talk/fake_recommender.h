// A recommender with ten items whose ranking is known: by id, and with words the other way round.
#pragma once

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "base/util/error.h"
#include "service/api/recommender_service.h"

namespace latentcrs::test {

class FakeRecommender : public RecommenderService {
 public:
  Ranking rank(const RankRequest& request) const override {
    Ranking ranking{.items = {}, .intents = {{1, 0.75}, {0, 0.25}}, .with_text = !request.utterance.empty()};
    for (const int64_t id : order(request)) ranking.items.push_back({id, title(id), static_cast<double>(20 - id)});
    return ranking;
  }

  std::vector<ItemDetails> find_items(std::string_view titles, int /*at_most*/) const override {
    std::vector<ItemDetails> items;
    for (int64_t id = 1; id <= 10; ++id)
      if (titles.find(title(id)) != std::string_view::npos || titles == name(id)) items.push_back(*item(id));
    return items;
  }

  std::optional<ItemDetails> item(int64_t id) const override {
    if (id < 1 || id > 10) return std::nullopt;
    return ItemDetails{
        .id = id, .title = title(id), .year = year(id), .facets = {id % 2 == 0 ? "Even" : "Odd"}, .description = {}};
  }

  RunInfo info() const override {
    return {.name = "fake", .dataset = "ten", .item_noun = "films", .items = 10, .folder = {}};
  }

  std::unique_ptr<ConversationService> converse(const ConversationOptions& options) const override {
    for (const int64_t id : options.history)
      if (!item(id)) throw usage_error("history: no such item");
    return nullptr;
  }

  /// Shows three items; "Even" in the words is a facet.
  ConversationTurn answer(const DialogueState& state) const override {
    if (fails) throw Error(ErrorKind::remote, "the service is away");
    Understood understood;
    if (state.understood)
      understood = *state.understood;
    else
      for (const EarlierTurn& turn : state.turns) {
        understood.wanted = turn.utterance + "\n" + understood.wanted;
        if (turn.utterance.find("no Odd") != std::string::npos) understood.refused = {"Odd"};
        if (turn.utterance.find("Even") != std::string::npos) understood.features = {"Even"};
      }
    std::set<int64_t> before(state.also_shown.begin(), state.also_shown.end());
    for (const EarlierTurn& turn : state.turns) before.insert(turn.shown.begin(), turn.shown.end());
    before.insert(state.never_shown.begin(), state.never_shown.end());
    before.insert(state.liked.begin(), state.liked.end());
    std::vector<int64_t> shown = state.kept;
    for (const int64_t id : order({.history = state.history, .utterance = understood.wanted}))
      if (shown.size() < 3 && !before.contains(id) && state.years.admits(year(id))) shown.push_back(id);
    ConversationTurn turn{.utterance = {},
                          .wanted = understood.wanted,
                          .features = understood.features,
                          .shown = {},
                          .intents = {{1, 0.75}, {0, 0.25}},
                          .refused = understood.refused};
    for (const int64_t id : shown) turn.shown.push_back({id, title(id), static_cast<double>(20 - id)});
    return turn;
  }

  /// The history is left out.
  std::vector<int64_t> order(const RankRequest& request) const override {
    std::vector<int64_t> ids;
    for (int64_t id = 1; id <= 10; ++id)
      if (std::find(request.history.begin(), request.history.end(), id) == request.history.end()) ids.push_back(id);
    if (!request.utterance.empty()) std::reverse(ids.begin(), ids.end());
    return ids;
  }

  std::vector<IntentPart> intent_parts(const RankRequest& /*request*/, int64_t item, int /*count*/) const override {
    return {{.intent = {1, 0.75}, .part = 0.5, .rank = item}};
  }

  std::vector<RankedItem> items_of_intent(int64_t intent, int count) const override {
    std::vector<RankedItem> items;
    for (int64_t id = 1 + intent; id < 1 + intent + count; ++id) items.push_back({id, title(id), 1});
    return items;
  }

  std::vector<RankedItem> by_nearness(int64_t /*item*/, const std::vector<int64_t>& items) const override {
    std::vector<RankedItem> sorted;
    for (const int64_t id : items) sorted.push_back({id, title(id), 1});
    return sorted;
  }

  std::optional<int64_t> item_of_raw(std::string_view raw) const override {
    for (int64_t id = 1; id <= 10; ++id)
      if (raw == raw_item(id)) return id;
    return std::nullopt;
  }

  std::string raw_item(int64_t id) const override { return raw_before + std::to_string(id + raw_offset); }

  std::vector<int64_t> history_of(std::string_view /*user*/, Moment /*moment*/) const override { return {1}; }

  static int year(int64_t id) { return 1990 + static_cast<int>(id); }
  static std::string name(int64_t id) { return "Film " + std::string(1, static_cast<char>('A' + id - 1)); }
  static std::string title(int64_t id) { return name(id) + " (" + std::to_string(year(id)) + ")"; }

  bool fails = false;
  std::string raw_before;  ///< what stands before the number in the raw files' ids
  int64_t raw_offset = 0;  ///< how much larger the numbers are there
};

}  // namespace latentcrs::test
