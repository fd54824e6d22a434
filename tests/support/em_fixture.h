// The fixtures tests/parity/em_*.pt as networks and batches (docs/method.md, section 12).
#pragma once

#include <string>

#include "recommender/model/intent_networks.h"
#include "recommender/model/parameters.h"
#include "recommender/model/user_states.h"
#include "support/tensors.h"

namespace latentcrs::test {

/// The entries of `state` whose names begin with `prefix`, without it.
inline StateDict below(const StateDict& state, const std::string& prefix) {
  StateDict entries;
  for (const auto& [name, tensor] : state)
    if (name.starts_with(prefix)) entries.emplace_back(name.substr(prefix.size()), tensor);
  return entries;
}

/// The sizes of the fixtures: K = 8, D = 16, E = 24, 40 item rows, at most 12 items.
inline EncoderOptions em_encoder_options() {
  return {.hidden_size = 16, .num_hidden_layers = 2, .num_attention_heads = 2, .max_seq_length = 12};
}

inline PriorShape em_prior_shape(const std::string& fixture_name) {
  return {.head = {.agg_type = fixture_name == "em_gated" ? "gated" : "concat",
                   .use_text_projection = fixture_name != "em_noproj",
                   .text_projection = {20, 16},
                   .layer_hidden = {24, 16}},
          .text_width = 24,
          .gate = GateScope::batch};
}

inline at::Tensor em_centers() { return at::arange(8 * 16, at::kFloat).sin().view({8, 16}); }

/// Fresh networks of the fixtures' sizes.
inline EmNetworks em_fresh_networks(const PriorShape& shape, uint64_t seed = 1) {
  const at::Tensor centers = em_centers();
  EmNetworks networks = {PosteriorNetwork(SasRec(40, em_encoder_options(), seed), centers, seed),
                         PriorNetwork(SasRec(40, em_encoder_options(), seed), centers, shape, seed)};
  networks.posterior->to(test_device());
  networks.prior->to(test_device());
  return networks;
}

/// The networks with the weights of a fixture before training.
inline EmNetworks em_networks(const std::string& fixture_name) {
  const StateDict state = fixture(fixture_name);
  EmNetworks networks = em_fresh_networks(em_prior_shape(fixture_name));
  load_parameters(*networks.posterior, below(state, "posterior."), fixture_name);
  load_parameters(*networks.prior, below(state, "prior."), fixture_name);
  return networks;
}

/// The last states of a fixture's batch, with positions as published.
inline at::Tensor em_states(const SasRec& encoder, const at::Tensor& history) {
  Dropout off = Dropout::off();
  return SasRec(encoder)->forward(history, off, 0);
}

}  // namespace latentcrs::test
