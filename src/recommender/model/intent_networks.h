// The two networks of variational EM (docs/method.md, section 7): the posterior q(m|u) and the prior p(m|u,x) with
// p(y|m). Both are heads over a given user state h_u, so that the states of a frozen encoder can be a table made once.
// Parameter names are the published state_dict keys. Letters: B batch, K intents, E width of a text embedding x, d
// width of items, intents and states.
#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

#include "base/config/em_options.h"
#include "numerics/linalg/dropout.h"
#include "recommender/model/sasrec.h"

namespace latentcrs {

/// x -> W x + b over the last dimension.
struct Affine {
  at::Tensor weight, bias;
  at::Tensor operator()(const at::Tensor& x) const;
};

class PosteriorNetworkImpl : public torch::nn::Module {
 public:
  /// centers [K, d] start the intents c_m; the other weights start as torch.nn.Linear's, from `seed`. Throws
  /// Error(data) if the centres and the encoder differ in width.
  PosteriorNetworkImpl(SasRec encoder, const at::Tensor& centers, uint64_t seed);

  /// q(m|u) = softmax_m((W_q h_u + b_q)·(W_k c_m + b_k) / √d): [..., d] -> [..., K].
  at::Tensor q_m(const at::Tensor& states) const;
  /// Σ_m q(m|u) (W_v c_m + b_v): [..., K] -> [..., d]. Its product with E[y] is s_q(y|u).
  at::Tensor user_vectors(const at::Tensor& q) const;

  SasRec encoder() const { return encoder_; }
  /// E [V, d].
  at::Tensor item_table() const { return encoder_.ptr()->item_table(); }
  const Affine& value() const { return value_; }  ///< W_v, b_v

 private:
  at::Tensor intents_;
  SasRec encoder_;
  Affine query_, key_, value_;
};
TORCH_MODULE(PosteriorNetwork);

/// The set over which the gated prior normalises a user's two attention weights, of their history and of their text.
enum class GateScope {
  user,   ///< the two weights of the user
  batch,  ///< each weight over the users of the batch, as published (compat.gate_over_batch)
};

struct PriorShape {
  PriorHeadOptions head;   ///< prior.m_ux
  int64_t text_width = 0;  ///< E
  GateScope gate = GateScope::user;
};

class PriorNetworkImpl : public torch::nn::Module {
 public:
  /// As above. Throws Error(config) for a gated head whose text is not d wide.
  PriorNetworkImpl(SasRec encoder, const at::Tensor& centers, const PriorShape& shape, uint64_t seed);

  /// p(m|u,x): states [B, d], text [B, E] float32, float16 or bfloat16 -> [B, K].
  at::Tensor p_m(const at::Tensor& states, const at::Tensor& text, Dropout& dropout) const;
  /// The same from the outputs [B, H] of the text projection's first layer, where prior.m_ux.use_text_projection.
  at::Tensor p_m_from_outputs(const at::Tensor& states, const at::Tensor& outputs, Dropout& dropout) const;
  /// The weight [H, E] of that layer; undefined without a text projection.
  const at::Tensor& text_weight() const { return projection_.weight_in; }
  /// W_i c_m + b_i, [K, d]. Row m times E[y] is r_m(y).
  at::Tensor item_vectors() const;
  /// with_state() of Σ_m p(m|u,x) (W_i c_m + b_i): p [B, K], states [B, d] -> [B, d]. Its product with E[y] is the
  /// recommendation score with text.
  at::Tensor user_vectors(const at::Tensor& p, const at::Tensor& states) const;
  /// With prior.m_ux.add_user_state by_intent + gamma(h_u) h_u, else by_intent: both [B, d] -> [B, d].
  at::Tensor with_state(const at::Tensor& by_intent, const at::Tensor& states) const;
  /// gamma(h_u) = exp(w·h_u + b) > 0: [B, d] -> [B, 1]. Only with prior.m_ux.add_user_state.
  at::Tensor state_weights(const at::Tensor& states) const;
  /// same_y_m: W_i, b_i become copies of W_v, b_v.
  void copy_item_map(const PosteriorNetworkImpl& posterior);

  SasRec encoder() const { return encoder_; }
  /// E [V, d].
  at::Tensor item_table() const { return encoder_.ptr()->item_table(); }
  const PriorShape& shape() const { return shape_; }

 private:
  void build_text_projection(uint64_t seed);
  at::Tensor project_text(const at::Tensor& text, Dropout& dropout) const;
  at::Tensor project_outputs(const at::Tensor& outputs, Dropout& dropout) const;
  at::Tensor p_m_of_projected(const at::Tensor& states, const at::Tensor& projected) const;
  at::Tensor gate(const at::Tensor& states, const at::Tensor& text) const;

  struct TextProjection {
    at::Tensor weight_in;  ///< [1024, E], no bias
    at::Tensor norm_weight, norm_bias;
    Affine out;
  };
  struct Gate {
    Affine query, query_2, key, key_2;
  };

  PriorShape shape_;
  at::Tensor intents_;
  SasRec encoder_;
  TextProjection projection_;
  Gate gate_;
  std::vector<Affine> layers_;
  Affine item_map_;      // linear_intent: W_i, b_i
  Affine state_weight_;  // linear_state: w, b; undefined without add_user_state
};
TORCH_MODULE(PriorNetwork);

struct EmNetworks {
  PosteriorNetwork posterior = nullptr;
  PriorNetwork prior = nullptr;
};

}  // namespace latentcrs
