#include "recommender/model/sasrec.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

#include <cmath>

#include "base/util/error.h"
#include "base/util/random.h"
#include "numerics/linalg/fixed_order.h"
#include "numerics/linalg/products.h"
#include "recommender/encoder/fused_encoder.h"

namespace latentcrs {

namespace {

using kernels::WantedStates;
using torch::nn::Module;

constexpr double kNormEpsilon = 1e-12;
constexpr double kMaskedScore = -10000.0;

using LinearMap = WeightAndBias<at::Tensor>;
using Norm = WeightAndBias<at::Tensor>;
using LayerTensors = LayerParameters<at::Tensor>;

at::Tensor apply(const LinearMap& map, const at::Tensor& x, Precision precision) {
  if (precision == Precision::float32) return at::linear(x, map.weight, map.bias);
  const auto half = [](const at::Tensor& t) { return t.to(at::kBFloat16); };
  return at::linear(half(x), half(map.weight), half(map.bias)).to(at::kFloat);
}

at::Tensor normalise(const Norm& norm, const at::Tensor& x) {
  return layer_norm(x, norm.weight, norm.bias, kNormEpsilon);
}

at::Tensor multiply_heads(const at::Tensor& a, const at::Tensor& b, SecondFactor second, Precision precision) {
  if (precision == Precision::float32) return batched_product(a, b, second);
  const at::Tensor right = b.to(at::kBFloat16);
  return at::bmm(a.to(at::kBFloat16), second == SecondFactor::transposed ? right.transpose(1, 2) : right)
      .to(at::kFloat);
}

/// A layer as it is registered: query, key and value have parameters of their own.
struct Block {
  LinearMap query, key, value, attention_output;
  Norm attention_norm;
  LinearMap up, down;
  Norm output_norm;

  LayerTensors parameters() const {
    return {.query_key_value = {at::cat({query.weight, key.weight, value.weight}),
                                at::cat({query.bias, key.bias, value.bias})},
            .attention_output = attention_output,
            .attention_norm = attention_norm,
            .up = up,
            .down = down,
            .output_norm = output_norm};
  }
};

/// Registers modules and parameters under the published names, so that the state dict needs no translation.
class Builder {
 public:
  Builder(double initializer_range, uint64_t seed) : range_(initializer_range), seed_(seed) {}

  std::shared_ptr<Module> module(Module& parent, const std::string& name) const {
    return parent.register_module(name, std::make_shared<Module>());
  }
  at::Tensor embedding(Module& parent, const std::string& name, int64_t rows, int64_t width) {
    return module(parent, name)->register_parameter("weight", normal({rows, width}));
  }
  LinearMap linear(Module& parent, const std::string& name, int64_t in, int64_t out) {
    const std::shared_ptr<Module> m = module(parent, name);
    at::Tensor weight = m->register_parameter("weight", normal({out, in}));
    return {weight, m->register_parameter("bias", at::zeros({out}))};
  }
  Norm norm(Module& parent, int64_t width) const {
    const std::shared_ptr<Module> m = module(parent, "LayerNorm");
    at::Tensor weight = m->register_parameter("weight", at::ones({width}));
    return {weight, m->register_parameter("bias", at::zeros({width}))};
  }
  Block block(Module& parent, const std::string& name, int64_t width) {
    const std::shared_ptr<Module> m = module(parent, name);
    const std::shared_ptr<Module> attention = module(*m, "attention"), intermediate = module(*m, "intermediate");
    Block b;
    b.query = linear(*attention, "query", width, width);
    b.key = linear(*attention, "key", width, width);
    b.value = linear(*attention, "value", width, width);
    b.attention_output = linear(*attention, "dense", width, width);
    b.attention_norm = norm(*attention, width);
    b.up = linear(*intermediate, "dense_1", width, 4 * width);
    b.down = linear(*intermediate, "dense_2", 4 * width, width);
    b.output_norm = norm(*intermediate, width);
    return b;
  }

 private:
  at::Tensor normal(at::IntArrayRef sizes) {
    at::Tensor weight = at::empty(sizes);
    Rng rng(derive_seed(seed_, "sasrec", {weights_++}));
    float* values = weight.data_ptr<float>();
    for (int64_t i = 0; i < weight.numel(); ++i) values[i] = static_cast<float>(range_ * rng.normal());
    return weight;
  }

  double range_;
  uint64_t seed_;
  uint64_t weights_ = 0;
};

at::Tensor activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::gelu: return at::gelu(x);
    case Activation::relu: return at::relu(x);
    case Activation::swish: return at::silu(x);
  }
  throw internal_error("unknown activation");
}

/// [B, L] ids -> [B, 1, L, L]: 0 where query row may see key column, -10000 where the key is padding or lies in its
/// future. A row whose keys are all masked therefore attends to all of them alike, as in the published model.
at::Tensor attention_mask(const at::Tensor& ids) {
  const int64_t length = ids.size(1);
  const at::Tensor past = at::ones({length, length}, ids.options().dtype(at::kBool)).tril();
  const at::Tensor visible = ids.gt(0).unsqueeze(1).logical_and(past);  // [B, L, L]
  return visible.logical_not().to(at::kFloat).mul_(kMaskedScore).unsqueeze(1);
}

/// LibTorch's attention in one kernel, where there is one: it never stores the [B, heads, L, L] scores.
#if TORCH_VERSION_MAJOR >= 2
constexpr bool kHasFusedAttention = true;
at::Tensor fused_attention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                           const at::Tensor& mask, double dropout) {
  return at::scaled_dot_product_attention(query, key, value, mask.to(query.scalar_type()), dropout);
}
#else
constexpr bool kHasFusedAttention = false;
at::Tensor fused_attention(const at::Tensor&, const at::Tensor&, const at::Tensor&, const at::Tensor&, double) {
  throw internal_error("this LibTorch has no fused attention");
}
#endif

}  // namespace

struct SasRecImpl::Layers {
  at::Tensor items, positions;
  std::vector<Block> blocks;
  Norm norm;

  /// The parameters for columns that are given the positions from `first_position` on.
  EncoderTensors tensors(int64_t first_position, int64_t length) const {
    EncoderTensors all{
        .items = items, .positions = positions.narrow(0, first_position, length), .embedding_norm = norm, .layers = {}};
    for (const Block& block : blocks) all.layers.push_back(block.parameters());
    return all;
  }
};

namespace {

/// The encoder written with LibTorch's operators, for one batch.
class ComposedEncoder {
 public:
  ComposedEncoder(const EncoderOptions& options, const EncoderCompute& compute, Dropout& dropout)
      : options_(options), compute_(compute), dropout_(dropout) {}

  at::Tensor states(const EncoderTensors& tensors, const at::Tensor& ids) const {
    const at::Tensor mask = attention_mask(ids);
    const at::Tensor embedded = at::embedding(tensors.items, ids, 0) + tensors.positions;
    at::Tensor hidden = dropout_(normalise(tensors.embedding_norm, embedded), options_.hidden_dropout_prob);
    for (const LayerTensors& layer : tensors.layers) hidden = apply_layer(layer, hidden, mask);
    return hidden;
  }

 private:
  at::Tensor apply_layer(const LayerTensors& layer, const at::Tensor& hidden, const at::Tensor& mask) const {
    const Precision precision = compute_.precision;
    const double p = options_.hidden_dropout_prob;
    const at::Tensor context = apply(layer.attention_output, attend(layer, hidden, mask), precision);
    const at::Tensor attended = normalise(layer.attention_norm, dropout_(context, p) + hidden);
    const at::Tensor wide = activate(apply(layer.up, attended, precision), options_.hidden_act);
    return normalise(layer.output_norm, dropout_(apply(layer.down, wide, precision), p) + attended);
  }

  /// hidden [B, L, D], mask [B, 1, L, L] -> context [B, L, D].
  at::Tensor attend(const LayerTensors& layer, const at::Tensor& hidden, const at::Tensor& mask) const {
    const int64_t batch = hidden.size(0), length = hidden.size(1), heads = options_.num_attention_heads;
    const int64_t width = options_.hidden_size / heads;
    const at::Tensor by_head = apply(layer.query_key_value, hidden, compute_.precision)
                                   .view({batch, length, 3, heads, width})
                                   .permute({2, 0, 3, 1, 4});  // [3, B, heads, L, width]
    const at::Tensor context = kHasFusedAttention && compute_.fused_attention && hidden.is_cuda()
                                   ? attend_in_one_kernel(by_head, mask)
                                   : attend_composed(by_head, mask);
    return context.transpose(1, 2).reshape({batch, length, heads * width});
  }

  /// by_head [3, B, heads, L, width] -> [B, heads, L, width].
  at::Tensor attend_in_one_kernel(const at::Tensor& by_head, const at::Tensor& mask) const {
    const at::Tensor x = compute_.precision == Precision::bfloat16 ? by_head.to(at::kBFloat16) : by_head;
    const double p = dropout_.on_device(options_.attention_probs_dropout_prob);
    return fused_attention(x[0], x[1], x[2], mask, p).to(at::kFloat);
  }
  at::Tensor attend_composed(const at::Tensor& by_head, const at::Tensor& mask) const {
    const int64_t batch = by_head.size(1), heads = by_head.size(2), length = by_head.size(3), width = by_head.size(4);
    const std::vector<at::Tensor> parts = by_head.reshape({3, batch * heads, length, width}).unbind();
    // Scores are scaled before the mask is added: next to -10000 a score keeps few digits, and the states of padded
    // rows depend on which ones.
    const at::Tensor scaled = multiply_heads(parts[0], parts[1], SecondFactor::transposed, compute_.precision)
                                  .div_(std::sqrt(static_cast<double>(width)))
                                  .view({batch, heads, length, length});
    const at::Tensor weights = dropout_(at::softmax(scaled + mask, -1), options_.attention_probs_dropout_prob);
    return multiply_heads(weights.flatten(0, 1), parts[2], SecondFactor::as_is, compute_.precision)
        .view({batch, heads, length, width});
  }

  const EncoderOptions& options_;
  const EncoderCompute& compute_;
  Dropout& dropout_;
};

}  // namespace

SasRecImpl::SasRecImpl(int64_t item_size, const EncoderOptions& options, uint64_t seed)
    : options_(options), layers_(std::make_shared<Layers>()) {
  if (options.hidden_size % options.num_attention_heads != 0)
    throw config_error(fmt::format("hidden_size={} must be divisible by num_attention_heads={}", options.hidden_size,
                                   options.num_attention_heads));
  Builder build(options.initializer_range, seed);
  layers_->items = build.embedding(*this, "item_embeddings", item_size, options.hidden_size);
  layers_->positions = build.embedding(*this, "position_embeddings", options.max_seq_length, options.hidden_size);
  const std::shared_ptr<Module> stack = build.module(*build.module(*this, "item_encoder"), "layer");
  for (int i = 0; i < options.num_hidden_layers; ++i)
    layers_->blocks.push_back(build.block(*stack, std::to_string(i), options.hidden_size));
  layers_->norm = build.norm(*this, options.hidden_size);
}

void SasRecImpl::check_columns(int64_t length, int64_t first_position) const {
  if (first_position < 0 || first_position + length > options_.max_seq_length)
    throw internal_error(fmt::format("encoder input of {} columns from position {} passes max_seq_length={}", length,
                                     first_position, options_.max_seq_length));
}

bool SasRecImpl::fused(const at::Tensor& ids) const {
  return compute_.fused && compute_.precision == Precision::float32 && ids.numel() > 0 &&
         fits_fused_encoder(layers_->items, options_);
}

at::Tensor SasRecImpl::forward(const at::Tensor& ids, Dropout& dropout, int64_t first_position, PaddedStates padded) {
  const int64_t length = ids.size(1);
  check_columns(length, first_position);
  const EncoderTensors tensors = layers_->tensors(first_position, length);
  if (fused(ids))
    return fused_encoder(tensors, ids, options_, dropout,
                         padded == PaddedStates::zero ? WantedStates::real : WantedStates::all);
  const at::Tensor states = ComposedEncoder(options_, compute_, dropout).states(tensors, ids);
  return padded == PaddedStates::zero ? states * ids.cumsum(1).gt(0).unsqueeze(-1) : states;
}

at::Tensor SasRecImpl::forward_last(const at::Tensor& ids, Dropout& dropout, int64_t first_position) {
  if (!fused(ids) || at::GradMode::is_enabled()) return forward(ids, dropout, first_position).select(1, -1);
  check_columns(ids.size(1), first_position);
  return fused_encoder(layers_->tensors(first_position, ids.size(1)), ids, options_, dropout, WantedStates::last);
}

at::Tensor SasRecImpl::last_state(const at::Tensor& ids) {
  const int64_t length = ids.size(1);
  const at::Tensor real = ids.gt(0);
  int64_t first = 0;
  // A row without items attends to all columns alike, so that its state needs all of them.
  if (real.any(1).all().item<bool>()) first = real.any(0).to(at::kInt).argmax().item<int64_t>();
  Dropout off = Dropout::off();
  return forward_last(ids.slice(1, first), off, options_.max_seq_length - length + first);
}

void SasRecImpl::remove_positions() {
  layers_->positions.set_requires_grad(false);
  layers_->positions.zero_();
}

at::Tensor& SasRecImpl::item_table() { return layers_->items; }

int64_t SasRecImpl::item_size() const { return layers_->items.size(0); }

}  // namespace latentcrs
