#include "recommender/train/validation_ranks.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/metrics/one_turn.h"
#include "base/util/profile.h"

namespace latentcrs {

namespace {

nlohmann::json one_turn_metrics(const std::vector<Rank>& ranks) {
  nlohmann::json values;
  for (const int k : kOneTurnCutoffs) {
    values[fmt::format("HIT@{}", k)] = hit_at(ranks, k);
    values[fmt::format("NDCG@{}", k)] = ndcg_at(ranks, k);
  }
  return values;
}

}  // namespace

void ValidationRanks::complete(const EmNetworks& networks, const OneTurnUsers& users, const OneTurnOptions& options) {
  if (with_text.empty())
    with_text = profile::timed("with text", [&] { return rank_with_text(networks.prior, users, options); });
  if (without_text.empty())
    without_text =
        profile::timed("without text", [&] { return rank_without_text(networks.posterior, users, options); });
  if (sequence_only.empty())
    sequence_only = profile::timed("sequence only", [&] { return rank_sequence_only(networks.prior, users, options); });
}

nlohmann::json ValidationRanks::metrics() const {
  return {{"with_text", one_turn_metrics(with_text)},
          {"without_text", one_turn_metrics(without_text)},
          {"sequence_only", one_turn_metrics(sequence_only)}};
}

}  // namespace latentcrs
