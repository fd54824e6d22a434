// What the intents of a run stand for, and their parts in a recommendation.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "recommender/eval/intent_overview.h"
#include "service/api/opened_run.h"
#include "service/api/recommender_service.h"
#include "service/api/user_mixture.h"

namespace latentcrs {

/// The items nearest to each intent, by the network that ranks with words.
class IntentNames {
 public:
  explicit IntentNames(const OpenedRun& run);

  /// As RecommenderService::items_of_intent(); rows are dense ids. 0 <= intent < K.
  std::vector<NearItem> nearest(int64_t intent, int64_t count) const;

 private:
  std::vector<int64_t> candidates_;  ///< dense ids
  at::Tensor table_;                 ///< rows of E of length 1, [V, d]
  at::Tensor gained_;                ///< rows of r_m - r̄ of length 1, [K, d]
};

/// As RecommenderService::intent_parts(); `item` is a dense id, `vectors` are those of intent_vectors().
std::vector<IntentPart> parts_of(const UserMixture& user, const at::Tensor& vectors, int32_t item, int count);

}  // namespace latentcrs
