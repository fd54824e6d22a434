// The E-step and the M-step of docs/method.md, section 8 on one batch: the losses as named terms, and which parameters
// they move. Letters: B batch, N negatives, K intents, d width of items and states, E width of a text embedding.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// Σ_m q (log(p + 1e-5) − log(q + 1e-5)): q, p [B, K] -> [B]. The ELBO of the M-step with p = p(m|u,x), of the E-step
/// with p = p̃.
at::Tensor elbo(const at::Tensor& q, const at::Tensor& p);
/// p̃ = softmax_m(r_m(y⁺) p(m|u,x)): [B, K], [B, K] -> [B, K].
at::Tensor p_tilde(const at::Tensor& r_target, const at::Tensor& p);
/// CE(·): cross-entropy over the second dimension of scores, whose first column is the target: [B, 1 + N, ...] ->
/// [B, ...].
at::Tensor target_cross_entropy(const at::Tensor& scores);
/// mean_m[q(m|u) CE_y(r_m(y) p(m|u,x))], mean over the batch: r [B, 1 + N, K], p, q [B, K] -> scalar.
at::Tensor intent_cross_entropy(const at::Tensor& r, const at::Tensor& p, const at::Tensor& q);

/// The inputs of a step. Rows of `states` belong to the networks' own encoders.
struct EmBatch {
  at::Tensor posterior_states;      ///< h_u [B, d]
  at::Tensor posterior_all_states;  ///< [B, L, d], last column h_u; only where the reconstruction loss counts
  at::Tensor prior_states;          ///< h_u [B, d]; not read by an E-step without ELBO
  at::Tensor text;                  ///< x [B, E]; likewise
  /// [B, H], of the text projection's first layer: an M-step takes them in the place of the text where they are
  /// defined.
  at::Tensor text_outputs;
  at::Tensor items;  ///< [B, 1 + N] dense ids, the target first
  /// Dense ids of all items, ascending: the recommendation terms compare the target with them instead of the negatives.
  at::Tensor catalogue;       ///< undefined: with the negatives
  at::Tensor offsets;         ///< [V], added to the logits of these items; undefined: nothing (popularity_discount)
  at::Tensor offset_weights;  ///< [B, 1], factors of the offsets: 0 for an empty history; undefined: 1
};

/// Weights of a loss; a term with weight 0 is not computed. `elbo` is 0 or 1.
struct EStepWeights {
  double elbo = 1;
  double recommendation = 0;  ///< λ_e, on CE(s_q / T)
  double temperature = 1;     ///< T
  double reconstruction = 0;  ///< λ_rec
};
struct MStepWeights {
  double elbo = 1;
  double intents = 0;         ///< λ_m, on the mean over intents
  double recommendation = 0;  ///< λ_r, on CE(Σ_m p(m|u,x) r_m(y))
};

/// Means over the batch; undefined where not computed. The step descends `loss`.
struct EStepTerms {
  at::Tensor loss, elbo, recommendation, reconstruction;
};
struct MStepTerms {
  at::Tensor loss, elbo, intents, recommendation;
};

/// The prior is in evaluation mode and contributes values only.
EStepTerms e_step(const EmNetworks& networks, const EmBatch& batch, const EStepWeights& weights);
/// The posterior is in evaluation mode and contributes values only. p(m|u,x) is computed once, with `dropout`.
MStepTerms m_step(const EmNetworks& networks, const EmBatch& batch, const MStepWeights& weights, Dropout& dropout);

/// The settings that decide which parameters EM changes.
struct LearningRules {
  bool train_encoders = false;  ///< train_preintent
  bool fixed_item_map = false;  ///< same_y_m: W_i stays as it is
};

/// Parameters of both networks that a pass may change, named "posterior.…" and "prior.…".
std::vector<std::pair<std::string, at::Tensor>> learnable_parameters(const EmNetworks& networks,
                                                                     const LearningRules& rules);

enum class Learner { posterior, prior };

/// Lets the learnable parameters of one network record gradients from here on, and no other parameters.
void choose_learner(const EmNetworks& networks, Learner learner, const LearningRules& rules);

}  // namespace latentcrs
