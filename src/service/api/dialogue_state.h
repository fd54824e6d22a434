// A dialogue as a value: everything that decides what its next turn shows. Free of LibTorch.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "latentcrs/conversation.h"

namespace latentcrs {

/// The text and the facets that stand for a dialogue, as the extractor found them.
struct Understood {
  std::string wanted;                     ///< blank: the ranking without text
  std::vector<std::string> features;      ///< spelled as in the dataset
  std::vector<std::string> refused = {};  ///< features turned down; no item that has one is shown
};

/// Years of the items that may be shown; items without a year may be shown only where neither is given.
struct YearLimits {
  std::optional<int> before = {};  ///< exclusive
  std::optional<int> after = {};   ///< exclusive

  bool admits(int year) const {
    return (!before && !after) || (year != 0 && (!before || year < *before) && (!after || year > *after));
  }
};

/// The state before a turn. Item ids are those of the dataset.
struct DialogueState {
  std::vector<std::int64_t> history = {};      ///< oldest first
  std::vector<EarlierTurn> turns = {};         ///< oldest first; the last one's utterance is to be answered
  std::vector<std::int64_t> also_shown = {};   ///< shown in turns without words
  std::vector<std::int64_t> never_shown = {};  ///< accepted and refused items
  std::vector<std::int64_t> kept = {};         ///< the first items of the next list, although they were shown before
  std::vector<std::int64_t> liked = {};       ///< read as the newest items of the history; their facets count as wanted
  std::optional<Understood> understood = {};  ///< in place of the extractor's answer; needed where `turns` is empty
  YearLimits years = {};
  HistoryItems history_items = HistoryItems::as_configured;
  int shown_items = 0;  ///< as ConversationOptions::shown_items
};

}  // namespace latentcrs
