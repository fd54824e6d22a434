// The ranks of the validation users' targets while EM trains.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "recommender/eval/em_scores.h"
#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// Ranks by p(m|u,x) and r_m(y), by s_q(y|u), and by h_u alone (rank_with_text(), …); empty where they are not known.
struct ValidationRanks {
  std::vector<Rank> with_text, without_text, sequence_only;

  /// Ranks what is not known.
  void complete(const EmNetworks& networks, const OneTurnUsers& users, const OneTurnOptions& options);
  /// HIT@k and NDCG@k of all three, which must be known.
  nlohmann::json metrics() const;
};

}  // namespace latentcrs
