// The places of targets in the lists that a language model answered.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics/metrics.h"
#include "language/answers/entity_labels.h"

namespace latentcrs {

/// The published results: whether titles out of the vocabulary keep their places, and those of what was named before.
struct ResultKind {
  std::string_view name;
  bool keeps_unknown = true;
  bool keeps_seen = true;
};
inline constexpr std::array kResultKinds = {ResultKind{"r1", true, true}, ResultKind{"r2", true, false},
                                            ResultKind{"r3", false, true}, ResultKind{"r4", false, false}};
using ResultRanks = std::array<Rank, kResultKinds.size()>;

/// A title of an answer, linked to the label that it was taken for.
struct LinkedTitle {
  Label label = kNoLabel;
  bool in_vocabulary = false;
};

/// Under each result the first place of `target` in the list, from 1 (recall, NDCG and MRR then see to the cut-off); 0
/// where it is missing or taken out. A `target` of kNoLabel is in no list.
ResultRanks ranks_in_answer(std::span<const LinkedTitle> list, Label target, std::span<const Label> seen);

/// A row of the evaluation: one target of one turn.
struct TargetRanks {
  int64_t turn = 0;
  int64_t target = 0;         ///< its entity id, or the id of an item
  bool discussed = false;     ///< it was named before in the conversation: the condition "discussion"
  std::string dialogue = {};  ///< empty where it is unknown
  ResultRanks ranks = {};
};

/// A model's answers about one kind of input, ranked.
struct RankedAnswers {
  std::string model;
  std::string input;  ///< general, p2, p3, p4, …
  std::string links;  ///< where the links come from: published, own
  std::vector<TargetRanks> rows;
};

}  // namespace latentcrs
