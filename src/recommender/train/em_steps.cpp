#include "recommender/train/em_steps.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/variable.h>

#include "numerics/linalg/fixed_order.h"
#include "recommender/train/next_item_losses.h"

namespace latentcrs {

namespace {

constexpr double kDivergenceFloor = 1e-5;

/// E[y] of [B, n] ids -> [B, n, d].
template <class Network>
at::Tensor item_rows(const Network& network, const at::Tensor& ids) {
  return at::embedding(network->item_table(), ids, /*padding_idx=*/0);
}

/// User vectors [B, d] times item rows [B, n, d] -> [B, n].
at::Tensor scores_of(const at::Tensor& vectors, const at::Tensor& items) {
  return at::bmm(items, vectors.unsqueeze(2)).squeeze(2);
}

/// CE of the items' scores under the user vectors [B, d], against the negatives or against all items: mean.
template <class Network>
at::Tensor recommendation_loss(const Network& network, const at::Tensor& vectors, const EmBatch& batch) {
  const at::Tensor targets = batch.items.select(1, 0);
  if (batch.offsets.defined()) {
    const auto [wide_vectors, wide_items] =
        with_offsets(vectors, network->item_table(), batch.offsets, batch.offset_weights);
    return softmax_loss(wide_vectors, wide_items, targets, batch.catalogue);
  }
  if (batch.catalogue.defined()) return softmax_loss(vectors, network->item_table(), targets, batch.catalogue);
  return target_cross_entropy(scores_of(vectors, item_rows(network, batch.items))).mean();
}

/// p̃ of the batch under the prior as it stands.
at::Tensor p_tilde_of(const PriorNetwork& prior, const EmBatch& batch) {
  const at::NoGradGuard no_grad;
  Dropout off = Dropout::off();
  const at::Tensor targets = item_rows(prior, batch.items.select(1, 0));
  return p_tilde(at::matmul(targets, prior->item_vectors().t()), prior->p_m(batch.prior_states, batch.text, off));
}

/// total += weight · term, where total may be undefined.
void add(at::Tensor& total, double weight, const at::Tensor& term) {
  total = total.defined() ? total + weight * term : weight * term;
}

}  // namespace

at::Tensor elbo(const at::Tensor& q, const at::Tensor& p) {
  return (q * ((p + kDivergenceFloor).log() - (q + kDivergenceFloor).log())).sum(-1);
}

at::Tensor p_tilde(const at::Tensor& r_target, const at::Tensor& p) { return at::softmax(r_target * p, -1); }

at::Tensor target_cross_entropy(const at::Tensor& scores) { return at::logsumexp(scores, {1}) - scores.select(1, 0); }

at::Tensor intent_cross_entropy(const at::Tensor& r, const at::Tensor& p, const at::Tensor& q) {
  return mean_of_all(q * target_cross_entropy(r * p.unsqueeze(1)));
}

EStepTerms e_step(const EmNetworks& networks, const EmBatch& batch, const EStepWeights& weights) {
  const PosteriorNetwork& posterior = networks.posterior;
  const at::Tensor q = posterior->q_m(batch.posterior_states);
  EStepTerms terms;
  if (weights.elbo > 0) {
    terms.elbo = elbo(q, p_tilde_of(networks.prior, batch)).mean();
    add(terms.loss, -weights.elbo, terms.elbo);
  }
  if (weights.recommendation > 0) {
    terms.recommendation = recommendation_loss(posterior, posterior->user_vectors(q) / weights.temperature, batch);
    add(terms.loss, weights.recommendation, terms.recommendation);
  }
  if (weights.reconstruction > 0) {
    const at::Tensor& states = batch.posterior_all_states;
    terms.reconstruction = mean_of_all((posterior->user_vectors(posterior->q_m(states)) - states).square());
    add(terms.loss, weights.reconstruction, terms.reconstruction);
  }
  return terms;
}

MStepTerms m_step(const EmNetworks& networks, const EmBatch& batch, const MStepWeights& weights, Dropout& dropout) {
  const PriorNetwork& prior = networks.prior;
  const at::Tensor p = batch.text_outputs.defined()
                           ? prior->p_m_from_outputs(batch.prior_states, batch.text_outputs, dropout)
                           : prior->p_m(batch.prior_states, batch.text, dropout);
  at::Tensor q;
  if (weights.elbo > 0 || weights.intents > 0) {
    const at::NoGradGuard no_grad;
    q = networks.posterior->q_m(batch.posterior_states);
  }
  const at::Tensor item_vectors = prior->item_vectors();
  MStepTerms terms;
  if (weights.elbo > 0) {
    terms.elbo = elbo(q, p).mean();
    add(terms.loss, -weights.elbo, terms.elbo);
  }
  if (weights.intents > 0) {
    terms.intents = intent_cross_entropy(at::matmul(item_rows(prior, batch.items), item_vectors.t()), p, q);
    add(terms.loss, weights.intents, terms.intents);
  }
  if (weights.recommendation > 0) {
    terms.recommendation =
        recommendation_loss(prior, prior->with_state(at::matmul(p, item_vectors), batch.prior_states), batch);
    add(terms.loss, weights.recommendation, terms.recommendation);
  }
  return terms;
}

std::vector<std::pair<std::string, at::Tensor>> learnable_parameters(const EmNetworks& networks,
                                                                     const LearningRules& rules) {
  std::vector<std::pair<std::string, at::Tensor>> learnable;
  const auto add_from = [&](const torch::nn::Module& network, const std::string& prefix) {
    for (const auto& parameter : network.named_parameters()) {
      const std::string& name = parameter.key();
      if (name.starts_with("user_sequence_model.") && !rules.train_encoders) continue;
      if (name.starts_with("linear_intent.") && rules.fixed_item_map) continue;
      learnable.emplace_back(prefix + name, parameter.value());
    }
  };
  add_from(*networks.posterior, "posterior.");
  add_from(*networks.prior, "prior.");
  return learnable;
}

void choose_learner(const EmNetworks& networks, Learner learner, const LearningRules& rules) {
  for (const at::Tensor& parameter : networks.posterior->parameters()) parameter.set_requires_grad(false);
  for (const at::Tensor& parameter : networks.prior->parameters()) parameter.set_requires_grad(false);
  const std::string learns = learner == Learner::posterior ? "posterior." : "prior.";
  for (const auto& [name, parameter] : learnable_parameters(networks, rules))
    if (name.starts_with(learns)) parameter.set_requires_grad(true);
}

}  // namespace latentcrs
