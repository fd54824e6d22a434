#include "recommender/model/intent_networks.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/variable.h>

#include <cmath>

#include "base/util/error.h"
#include "base/util/random.h"
#include "numerics/linalg/fixed_order.h"
#include "numerics/linalg/products.h"
#include "recommender/model/linear_weights.h"

namespace latentcrs {

namespace {

using torch::nn::Module;

constexpr double kNormEpsilon = 1e-5;

/// Registers parameters under the published names.
class Builder {
 public:
  explicit Builder(uint64_t seed) : rng_(seed) {}

  static Module& module(Module& parent, const std::string& name) {
    return *parent.register_module(name, std::make_shared<Module>());
  }
  at::Tensor weight(Module& module, int64_t in, int64_t out) {
    return module.register_parameter("weight", draw_linear({out, in}, in, rng_));
  }
  Affine affine(Module& parent, const std::string& name, int64_t in, int64_t out) {
    Module& m = module(parent, name);
    at::Tensor w = weight(m, in, out);
    return {w, m.register_parameter("bias", draw_linear({out}, in, rng_))};
  }

 private:
  Rng rng_;
};

/// A network's own, trainable copy of the intent centres.
at::Tensor register_intents(Module& network, const at::Tensor& centers, int64_t encoder_width) {
  if (centers.dim() != 2 || centers.size(1) != encoder_width)
    throw data_error(
        fmt::format("the intent centres have {} columns, but the encoder's states have {}: use centres made "
                    "with this encoder",
                    centers.dim() == 2 ? centers.size(1) : 0, encoder_width));
  return network.register_parameter("intent_embedding", centers.detach().to(at::kCPU, at::kFloat, false, true));
}

}  // namespace

at::Tensor Affine::operator()(const at::Tensor& x) const { return linear(x, weight, bias); }

PosteriorNetworkImpl::PosteriorNetworkImpl(SasRec encoder, const at::Tensor& centers, uint64_t seed)
    : encoder_(std::move(encoder)) {
  const int64_t width = encoder_->options().hidden_size;
  intents_ = register_intents(*this, centers, width);
  register_module("user_sequence_model", encoder_);
  Builder build(derive_seed(seed, "posterior"));
  query_ = build.affine(*this, "linear_query", width, width);
  key_ = build.affine(*this, "linear_key", width, width);
  value_ = build.affine(*this, "linear_value", width, width);
}

at::Tensor PosteriorNetworkImpl::q_m(const at::Tensor& states) const {
  const double scale = std::sqrt(static_cast<double>(intents_.size(1)));
  return at::softmax(matrix_product(query_(states), key_(intents_).t()) / scale, -1);
}

at::Tensor PosteriorNetworkImpl::user_vectors(const at::Tensor& q) const { return matrix_product(q, value_(intents_)); }

PriorNetworkImpl::PriorNetworkImpl(SasRec encoder, const at::Tensor& centers, const PriorShape& shape, uint64_t seed)
    : shape_(shape), encoder_(std::move(encoder)) {
  const PriorHeadOptions& head = shape_.head;
  const int64_t width = encoder_->options().hidden_size;
  const int64_t text_width = head.use_text_projection ? head.text_projection[1] : shape_.text_width;
  intents_ = register_intents(*this, centers, width);
  register_module("user_sequence_model", encoder_);
  if (head.use_text_projection) build_text_projection(derive_seed(seed, "prior-text"));
  Builder build(derive_seed(seed, "prior"));
  int64_t in = width + text_width;
  if (head.agg_type == "gated") {
    if (text_width != width)
      throw config_error(
          fmt::format("prior.m_ux.agg_type=gated adds the text to the user's state, so both must have {} "
                      "columns, but the text has {}: set the last of prior.m_ux.text_projection",
                      width, text_width));
    gate_ = {build.affine(*this, "m_ux_linear_query", width, width),
             build.affine(*this, "m_ux_linear_query_2", width, width),
             build.affine(*this, "m_ux_linear_key", width, width),
             build.affine(*this, "m_ux_linear_key_2", width, width)};
    in = width;
  }
  Module& layers = Builder::module(*this, "m_ux_agg_layer");
  std::vector<int> outs = head.layer_hidden;
  outs.push_back(static_cast<int>(width));
  for (size_t i = 0; i < outs.size(); in = outs[i++])
    layers_.push_back(build.affine(layers, std::to_string(i), in, outs[i]));
  item_map_ = build.affine(*this, "linear_intent", width, width);
  if (!head.add_user_state) return;
  Module& state = Builder::module(*this, "linear_state");  // from 0, so that gamma begins with 1
  state_weight_ = {state.register_parameter("weight", at::zeros({1, width})),
                   state.register_parameter("bias", at::zeros({1}))};
}

void PriorNetworkImpl::build_text_projection(uint64_t seed) {
  Builder build(seed);
  const int64_t hidden = shape_.head.text_projection[0];
  Module& sequence = Builder::module(*this, "m_ux_projection");  // 1 is its dropout, 3 its ReLU: no parameters
  projection_.weight_in = build.weight(Builder::module(sequence, "0"), shape_.text_width, hidden);
  Module& norm = Builder::module(sequence, "2");
  projection_.norm_weight = norm.register_parameter("weight", at::ones({hidden}));
  projection_.norm_bias = norm.register_parameter("bias", at::zeros({hidden}));
  projection_.out = build.affine(sequence, "4", hidden, shape_.head.text_projection[1]);
}

at::Tensor PriorNetworkImpl::project_text(const at::Tensor& text, Dropout& dropout) const {
  if (!shape_.head.use_text_projection) return text.to(at::kFloat);
  return project_outputs(wide_linear(text, projection_.weight_in), dropout);
}

at::Tensor PriorNetworkImpl::project_outputs(const at::Tensor& outputs, Dropout& dropout) const {
  const at::Tensor wide = dropout(outputs, shape_.head.hidden_dropout_prob);
  const at::Tensor normed = layer_norm(wide, projection_.norm_weight, projection_.norm_bias, kNormEpsilon);
  return projection_.out(at::relu(normed));
}

at::Tensor PriorNetworkImpl::gate(const at::Tensor& states, const at::Tensor& text) const {
  const double scale = std::sqrt(static_cast<double>(intents_.size(1)));
  const at::Tensor of_state = (gate_.query(text) * gate_.key(states)).sum(-1);
  const at::Tensor of_text = (gate_.query_2(states) * gate_.key_2(text)).sum(-1);
  const at::Tensor weights =  // [2, B, 1]
      at::softmax(at::stack({of_state, of_text}) / scale, shape_.gate == GateScope::user ? 0 : 1).unsqueeze(-1);
  return weights[0] * states + weights[1] * text;
}

at::Tensor PriorNetworkImpl::p_m(const at::Tensor& states, const at::Tensor& text, Dropout& dropout) const {
  return p_m_of_projected(states, project_text(text, dropout));
}

at::Tensor PriorNetworkImpl::p_m_from_outputs(const at::Tensor& states, const at::Tensor& outputs,
                                              Dropout& dropout) const {
  return p_m_of_projected(states, project_outputs(outputs, dropout));
}

at::Tensor PriorNetworkImpl::p_m_of_projected(const at::Tensor& states, const at::Tensor& projected) const {
  at::Tensor hidden =
      shape_.head.agg_type == "gated" ? gate(states, projected) : at::cat({states, projected}, /*dim=*/1);
  for (const Affine& layer : layers_) hidden = at::relu(layer(hidden));
  return at::softmax(matrix_product(hidden, intents_.t()), -1);
}

at::Tensor PriorNetworkImpl::item_vectors() const { return item_map_(intents_); }

at::Tensor PriorNetworkImpl::user_vectors(const at::Tensor& p, const at::Tensor& states) const {
  return with_state(matrix_product(p, item_vectors()), states);
}

at::Tensor PriorNetworkImpl::with_state(const at::Tensor& by_intent, const at::Tensor& states) const {
  return shape_.head.add_user_state ? by_intent + state_weights(states) * states : by_intent;
}

at::Tensor PriorNetworkImpl::state_weights(const at::Tensor& states) const { return state_weight_(states).exp(); }

void PriorNetworkImpl::copy_item_map(const PosteriorNetworkImpl& posterior) {
  const at::NoGradGuard no_grad;
  item_map_.weight.copy_(posterior.value().weight);
  item_map_.bias.copy_(posterior.value().bias);
}

}  // namespace latentcrs
