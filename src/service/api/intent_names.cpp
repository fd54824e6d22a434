#include "service/api/intent_names.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace latentcrs {

namespace {

at::Tensor of_length_one(const at::Tensor& rows) {
  const at::Tensor known = rows.detach().to(at::kCPU, at::kFloat);
  return known / known.norm(2, 1, true).clamp_min(1e-12);
}

/// The place of a row's entry among those of all items, from 1; row 0 is the padding.
int64_t place_of(const at::Tensor& scores, int32_t item) {
  return 1 + (scores.slice(0, 1) > scores[item]).sum().item<int64_t>();
}

}  // namespace

IntentNames::IntentNames(const OpenedRun& run) {
  for (const int64_t item : frequent_items(run.inputs().interactions(), kFrequentShare))
    candidates_.push_back(run.items().dense_from_raw[static_cast<size_t>(item)]);
  const at::Tensor vectors = intent_vectors(run, /*with_words=*/true);
  table_ = of_length_one(run.networks().prior->item_table());
  gained_ = of_length_one(vectors - vectors.mean(0, /*keepdim=*/true));
}

std::vector<NearItem> IntentNames::nearest(int64_t intent, int64_t count) const {
  return nearest_items(table_, candidates_, gained_.slice(0, intent, intent + 1), count).front();
}

std::vector<IntentPart> parts_of(const UserMixture& user, const at::Tensor& vectors, int32_t item, int count) {
  const at::Tensor mean = user.table.slice(0, 1).mean(0);
  const at::Tensor gained = at::mv(vectors, user.table[item] - mean);  // of each intent, [K]
  const at::Tensor parts = (user.intents.detach().view(-1) * gained).to(at::kCPU, at::kDouble);
  const at::Tensor order = parts.argsort(0, /*descending=*/true);
  std::vector<IntentPart> result;
  for (int64_t i = 0; i < std::min<int64_t>(count, order.numel()); ++i) {
    const auto intent = order[i].item<int64_t>();
    const double part = parts[intent].item<double>();
    if (part <= 0) break;
    result.push_back({.intent = {intent, user.intents[0][intent].item<double>()},
                      .part = part,
                      .rank = place_of(at::mv(user.table, vectors[intent]), item)});
  }
  return result;
}

}  // namespace latentcrs
