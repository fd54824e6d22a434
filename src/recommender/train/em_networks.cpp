#include "recommender/train/em_networks.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/random.h"
#include "recommender/model/intent_checkpoints.h"
#include "recommender/model/parameters.h"
#include "recommender/model/weights_check.h"

namespace latentcrs {

namespace {

constexpr const char* kItemTable = "item_embeddings.weight";

/// The encoder's weights with item rows by dense id.
StateDict with_dense_items(StateDict state, const DenseItems& items) {
  const at::Tensor rows = at::tensor(items.raw_from_dense, at::kInt);
  const int64_t max_raw = rows.max().item<int64_t>();
  for (auto& [name, tensor] : state) {
    if (name != kItemTable) continue;
    if (max_raw >= tensor.size(0))
      throw data_error(
          fmt::format("the pretrained encoder has rows for item ids below {}, but the dataset has item {}: "
                      "use an encoder pretrained on this dataset",
                      tensor.size(0), max_raw));
    tensor = tensor.index_select(0, rows);
  }
  return state;
}

SasRec make_encoder(const EmModel& model, bool pretrained, uint64_t seed) {
  SasRec encoder(model.items->size(), model.encoder_options, seed);
  if (!pretrained) return encoder;
  require_no_more_weights(
      load_parameters(*encoder, with_dense_items(model.encoder, *model.items), "pretrained encoder"),
      "pretrained encoder");
  return encoder;
}

}  // namespace

EmNetworks make_em_networks(const EmModel& model) {
  const PriorShape shape{.head = model.em.prior.m_ux,
                         .text_width = model.text_width,
                         .gate = model.compat.gate_over_batch ? GateScope::batch : GateScope::user};
  EmNetworks networks;
  networks.posterior = PosteriorNetwork(
      make_encoder(model, model.em.posterior.use_pretrained_intent, derive_seed(model.seed, "em-posterior-encoder")),
      model.centers, derive_seed(model.seed, "em-posterior"));
  networks.prior = PriorNetwork(
      make_encoder(model, model.em.prior.use_pretrained_intent, derive_seed(model.seed, "em-prior-encoder")),
      model.centers, shape, derive_seed(model.seed, "em-prior"));
  networks.posterior->to(model.device);
  networks.prior->to(model.device);
  return networks;
}

EmNetworks load_em_networks(const EmModel& model, const std::filesystem::path& posterior,
                            const std::filesystem::path& prior) {
  EmNetworks networks = make_em_networks(model);
  load_posterior(networks.posterior, posterior);
  load_prior(networks.prior, prior);
  return networks;
}

Positions em_positions(const CompatOptions& compat) {
  return compat.batch_width_positions ? Positions::batch_width : Positions::from_right;
}

}  // namespace latentcrs
