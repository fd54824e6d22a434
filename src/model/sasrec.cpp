#include "model/sasrec.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

#include <cmath>

#include "linalg/batched_product.h"
#include "linalg/fixed_order.h"
#include "model/fused_encoder.h"
#include "util/error.h"
#include "util/random.h"

namespace latentcrs {

namespace {

using torch::nn::Module;

constexpr double kNormEpsilon = 1e-12;
constexpr double kMaskedScore = -10000.0;

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, Precision precision) {
  if (precision == Precision::float32) return at::linear(x, weight, bias);
  const auto half = [](const at::Tensor& t) { return t.to(at::kBFloat16); };
  return at::linear(half(x), half(weight), half(bias)).to(at::kFloat);
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b, Second second, Precision precision) {
  if (precision == Precision::float32) return batched_product(a, b, second);
  const at::Tensor right = b.to(at::kBFloat16);
  return at::bmm(a.to(at::kBFloat16), second == Second::transposed ? right.transpose(1, 2) : right).to(at::kFloat);
}

struct Linear {
  at::Tensor weight, bias;
  at::Tensor operator()(const at::Tensor& x, Precision precision) const { return linear(x, weight, bias, precision); }
};

struct LayerNorm {
  at::Tensor weight, bias;
  at::Tensor operator()(const at::Tensor& x) const { return layer_norm(x, weight, bias, kNormEpsilon); }
};

struct Block {
  Linear query, key, value, dense;
  LayerNorm attention_norm;
  Linear dense_1, dense_2;
  LayerNorm norm;
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
  Linear linear(Module& parent, const std::string& name, int64_t in, int64_t out) {
    const std::shared_ptr<Module> m = module(parent, name);
    at::Tensor weight = m->register_parameter("weight", normal({out, in}));
    return {weight, m->register_parameter("bias", at::zeros({out}))};
  }
  LayerNorm norm(Module& parent, int64_t width) const {
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
    b.dense = linear(*attention, "dense", width, width);
    b.attention_norm = norm(*attention, width);
    b.dense_1 = linear(*intermediate, "dense_1", width, 4 * width);
    b.dense_2 = linear(*intermediate, "dense_2", 4 * width, width);
    b.norm = norm(*intermediate, width);
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
  LayerNorm norm;

  /// For columns that are given the positions from `first_position` on.
  EncoderTensors tensors(int64_t first_position, int64_t length) const {
    EncoderTensors all{.items = items,
                       .positions = positions.narrow(0, first_position, length),
                       .norm_weight = norm.weight,
                       .norm_bias = norm.bias,
                       .layers = {}};
    for (const Block& b : blocks)
      all.layers.push_back({b.query.weight, b.key.weight, b.value.weight, b.query.bias, b.key.bias, b.value.bias,
                            b.dense.weight, b.dense.bias, b.attention_norm.weight, b.attention_norm.bias,
                            b.dense_1.weight, b.dense_1.bias, b.dense_2.weight, b.dense_2.bias, b.norm.weight,
                            b.norm.bias});
    return all;
  }

  /// hidden [B, L, D], mask [B, 1, L, L] -> context [B, L, D].
  at::Tensor attend(const Block& block, const at::Tensor& hidden, const at::Tensor& mask, Dropout& dropout,
                    const EncoderOptions& options, const EncoderCompute& compute) const {
    const int64_t batch = hidden.size(0), length = hidden.size(1), heads = options.num_attention_heads;
    const int64_t width = options.hidden_size / heads;
    const at::Tensor weight = at::cat({block.query.weight, block.key.weight, block.value.weight});
    const at::Tensor bias = at::cat({block.query.bias, block.key.bias, block.value.bias});
    const at::Tensor by_head = linear(hidden, weight, bias, compute.precision)
                                   .view({batch, length, 3, heads, width})
                                   .permute({2, 0, 3, 1, 4});  // [3, B, heads, L, width]
    at::Tensor context;
    if (kHasFusedAttention && compute.fused_attention && hidden.is_cuda()) {
      const at::Tensor x = compute.precision == Precision::bfloat16 ? by_head.to(at::kBFloat16) : by_head;
      context = fused_attention(x[0], x[1], x[2], mask, dropout.on_device(options.attention_probs_dropout_prob))
                    .to(at::kFloat);
    } else {
      const std::vector<at::Tensor> qkv = by_head.reshape({3, batch * heads, length, width}).unbind();
      // Scaled before the mask is added: next to -10000 a score keeps few digits, and which ones matters in padded
      // rows.
      const at::Tensor scaled = product(qkv[0], qkv[1], Second::transposed, compute.precision)
                                    .div_(std::sqrt(static_cast<double>(width)))
                                    .view({batch, heads, length, length});
      const at::Tensor weights = dropout(at::softmax(scaled + mask, -1), options.attention_probs_dropout_prob);
      context =
          product(weights.flatten(0, 1), qkv[2], Second::as_is, compute.precision).view({batch, heads, length, width});
    }
    return context.transpose(1, 2).reshape({batch, length, heads * width});
  }

  at::Tensor apply(const Block& block, const at::Tensor& hidden, const at::Tensor& mask, Dropout& dropout,
                   const EncoderOptions& options, const EncoderCompute& compute) const {
    const Precision precision = compute.precision;
    const at::Tensor context = block.dense(attend(block, hidden, mask, dropout, options, compute), precision);
    const at::Tensor attended = block.attention_norm(dropout(context, options.hidden_dropout_prob) + hidden);
    const at::Tensor wide = activate(block.dense_1(attended, precision), options.hidden_act);
    return block.norm(dropout(block.dense_2(wide, precision), options.hidden_dropout_prob) + attended);
  }
};

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
  if (fused(ids))
    return fused_encoder(layers_->tensors(first_position, length), ids, options_, dropout,
                         padded == PaddedStates::zero ? kernels::States::real : kernels::States::all);
  const at::Tensor mask = attention_mask(ids);
  const at::Tensor embedded =
      at::embedding(layers_->items, ids, 0) + layers_->positions.narrow(0, first_position, length);
  at::Tensor hidden = dropout(layers_->norm(embedded), options_.hidden_dropout_prob);
  for (const Block& block : layers_->blocks) hidden = layers_->apply(block, hidden, mask, dropout, options_, compute_);
  return padded == PaddedStates::zero ? hidden * ids.cumsum(1).gt(0).unsqueeze(-1) : hidden;
}

at::Tensor SasRecImpl::forward_last(const at::Tensor& ids, Dropout& dropout, int64_t first_position) {
  if (!fused(ids) || at::GradMode::is_enabled()) return forward(ids, dropout, first_position).select(1, -1);
  check_columns(ids.size(1), first_position);
  return fused_encoder(layers_->tensors(first_position, ids.size(1)), ids, options_, dropout, kernels::States::last);
}

at::Tensor SasRecImpl::last_state(const at::Tensor& ids) {
  const int64_t length = ids.size(1);
  const at::Tensor real = ids.gt(0);
  int64_t first = 0;
  // A row without any item attends to all columns alike: its state needs them all.
  if (real.any(1).all().item<bool>()) first = real.any(0).to(at::kInt).argmax().item<int64_t>();
  Dropout off = Dropout::off();
  return forward_last(ids.slice(1, first), off, options_.max_seq_length - length + first);
}

at::Tensor& SasRecImpl::item_table() { return layers_->items; }

int64_t SasRecImpl::item_size() const { return layers_->items.size(0); }

}  // namespace latentcrs
