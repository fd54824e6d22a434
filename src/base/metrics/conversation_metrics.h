// Figures of conversations: their rows (a conversation and one of its targets) are not independent, because a dialogue
// has several, so intervals are computed by dialogue.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/metrics/one_turn.h"

namespace latentcrs {

inline constexpr int kConversationCutoffs[] = {1, 5, 10, 20, 50};

/// The name of files of all conversations, and what follows it in those of a group.
inline constexpr const char* kConversationSplit = "conversations";
inline constexpr const char* kConversationGroups[] = {"recommendation", "discussion", "with_history", "two_or_more",
                                                      "without_history"};

struct ClusteredMean {
  double mean = 0;
  double half_width = 0;  ///< of the 95% normal interval; 0 for fewer than two clusters
};

/// The mean v̄ of `values` [n] and its interval, where the values of a cluster may depend on each other:
/// 1.96 √(C/(C-1) Σ_c (Σ_{i in c} (v_i - v̄))²) / n, with C clusters. Clusters of one value each give half_width_95().
/// clusters: [n], any numbers.
ClusteredMean clustered_mean(std::span<const double> values, std::span<const int64_t> clusters);

/// A part of the rows.
struct RowGroup {
  std::string name;
  std::vector<uint8_t> members;  ///< [rows] 1 for a row of the group
};

/// The rows of a group with 1 in `members`.
std::vector<RankedRow> rows_of(const RowGroup& group, const std::vector<RankedRow>& rows);
RankedUsers users_of(const RowGroup& group, const RankedUsers& users);

/// The numbers of the clusters of `users`: dialogues, or the users themselves where there are no dialogues.
std::vector<int64_t> clusters_of(const RankedUsers& users);

/// Two lines a row: recall@k at every cut-off, NDCG@10 and MRR, and below them the half-widths of their intervals.
Table conversation_table(const std::string& title, const std::vector<RankedRow>& rows, const RankedUsers& users);

/// {"rows": n, "dialogues": C, "scores": {"<row>": {"recall@1": …, "recall@1_ci95": …, "NDCG@1": …, …, "MRR": …}}}
nlohmann::json conversation_figures(const std::vector<RankedRow>& rows, const RankedUsers& users);

}  // namespace latentcrs
