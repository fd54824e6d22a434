// Rankings for many users at once, with the scores that RunRecommender::rank() gives to each.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "recommender/eval/ranker.h"
#include "service/api/opened_run.h"

namespace latentcrs {

/// A user to recommend to.
struct UserQuery {
  std::vector<int32_t> history = {};  ///< dense ids, oldest first; empty: the mean user
  std::string utterance = {};         ///< blank: the ranking without text
};

struct BatchRankOptions {
  int k = 10;
  bool leaves_out_history = false;
  std::vector<int32_t> among = {};  ///< dense ids of the only candidates; empty: all items
};

/// The users in memory. All tensors have a row for each and lie on the CPU.
struct BatchRanking {
  std::vector<std::vector<ScoredRow>> best;  ///< [users][k], rows are dense ids; fewer where the items run out
  at::Tensor states;                         ///< h_u by the prior's encoder [n, d]
  at::Tensor vectors;                        ///< [n, d]; their products with E[y] are the scores
};

/// Users with words are ranked as the row "with text" of the evaluation, others as "without text". Throws
/// Error(numeric) for scores that are not finite, Error(remote) for a service that fails.
BatchRanking rank_users(const OpenedRun& run, std::span<const UserQuery> users, const BatchRankOptions& options);

/// The `k` items y with the largest cosine of E[y] and E[item], best first, ties by row; `item` itself is left out. The
/// scores are the cosines. `among` as in BatchRankOptions.
std::vector<ScoredRow> nearest_to_item(const OpenedRun& run, int32_t item, int k, const std::vector<int32_t>& among);

}  // namespace latentcrs
