#include "model/fused_encoder.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>
#include <optional>

#include "util/error.h"

namespace latentcrs {

namespace {

using kernels::Kept;
using kernels::Layout;
using kernels::Model;
using kernels::Sequence;
using kernels::States;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kChunks = 16;       // each with its own sum of gradients: the order of sums depends on nothing else
constexpr int64_t kColumnBlock = 16;  // columns of the item table that one thread adds to

/// What a call is besides its tensors: the model without them.
struct Call {
  Model model;
  States wanted = States::all;
};

DropoutMask next_mask(Dropout& dropout, double p) {
  return dropout.active() && p > 0 ? make_dropout_mask(dropout.next_key(), p) : DropoutMask{};
}

kernels::Activation kernel_activation(Activation activation) {
  switch (activation) {
    case Activation::gelu: return kernels::Activation::gelu;
    case Activation::relu: return kernels::Activation::relu;
    case Activation::swish: return kernels::Activation::swish;
  }
  throw internal_error("unknown activation");
}

Call make_call(const EncoderOptions& options, Dropout& dropout, States wanted) {
  Call call;
  call.wanted = wanted;
  Model& model = call.model;
  model.layout = {options.hidden_size, options.num_hidden_layers};
  model.heads = options.num_attention_heads;
  model.activation = kernel_activation(options.hidden_act);
  model.embedding = next_mask(dropout, options.hidden_dropout_prob);
  for (int i = 0; i < options.num_hidden_layers; ++i) {
    model.attention[i] = next_mask(dropout, options.attention_probs_dropout_prob);
    model.out[i] = next_mask(dropout, options.hidden_dropout_prob);
    model.ffn[i] = next_mask(dropout, options.hidden_dropout_prob);
  }
  return call;
}

/// The parameters with each matrix transposed; what is no matrix stays as it is.
at::Tensor transposed_parameters(const at::Tensor& parameters, const Layout& l) {
  at::Tensor out = parameters.clone();
  const int64_t d = l.width;
  const auto turn = [&](int64_t offset, int64_t rows, int64_t columns) {
    out.narrow(0, offset, rows * columns)
        .view({columns, rows})
        .copy_(parameters.narrow(0, offset, rows * columns).view({rows, columns}).t());
  };
  for (int64_t i = 0; i < l.layers; ++i) {
    turn(l.qkv(i), 3 * d, d);
    turn(l.out(i), d, d);
    turn(l.up(i), 4 * d, d);
    turn(l.down(i), d, 4 * d);
  }
  return out;
}

/// The memory between the forward and the backward pass of N sequences.
class KeptStates {
 public:
  KeptStates(int64_t sequences, int64_t length, int64_t width, int64_t heads, int64_t layers,
             const at::TensorOptions& options)
      : rows_(length * width),
        length_(length),
        heads_(heads),
        states_(at::empty({1 + 3 * layers, sequences, length, width}, options)),
        scales_(at::empty({1 + 2 * layers, sequences, length}, options)),
        softmax_(at::empty({layers, sequences, heads, length, 2}, options)) {}

  Kept of(int64_t sequence) const {
    Kept kept;
    kept.embedded = state(0, sequence);
    kept.embedded_scale = scale(0, sequence);
    for (int64_t i = 0; i < softmax_.size(0); ++i) {
      Kept::Layer& layer = kept.layer[i];
      layer.context = state(3 * i + 1, sequence);
      layer.attended = state(3 * i + 2, sequence);
      layer.finished = state(3 * i + 3, sequence);
      layer.attended_scale = scale(2 * i + 1, sequence);
      layer.finished_scale = scale(2 * i + 2, sequence);
      layer.softmax = softmax_.data_ptr<float>() + (i * states_.size(1) + sequence) * heads_ * length_ * 2;
    }
    return kept;
  }
  /// [N, L, D]: normalised embeddings; after the backward pass their gradient.
  at::Tensor embedded() const { return states_[0]; }

 private:
  float* state(int64_t kind, int64_t sequence) const {
    return states_.data_ptr<float>() + (kind * states_.size(1) + sequence) * rows_;
  }
  float* scale(int64_t kind, int64_t sequence) const {
    return scales_.data_ptr<float>() + (kind * states_.size(1) + sequence) * length_;
  }

  int64_t rows_, length_, heads_;
  at::Tensor states_, scales_, softmax_;
};

/// One forward pass and its backward pass over a batch.
class Batch : public torch::CustomClassHolder {
 public:
  Batch(const Call& call, at::Tensor items, at::Tensor positions, at::Tensor parameters, at::Tensor ids)
      : call_(call),
        items_(std::move(items)),
        positions_(std::move(positions)),
        parameters_(std::move(parameters)),
        ids_(std::move(ids)),
        layout_(call.model.layout),
        transposed_(transposed_parameters(parameters_, layout_)) {}

  at::Tensor forward(bool keep) {
    const int64_t n = ids_.size(0), length = ids_.size(1), d = layout_.width;
    if (keep) kept_.emplace(n, length, d, call_.model.heads, layout_.layers, items_.options());
    const int64_t rows = call_.wanted == States::last ? 1 : length;
    at::Tensor states = at::empty({n, rows, d}, items_.options());
    float* out = states.data_ptr<float>();
    each_sequence([&](const Model& model, const Sequence& sequence, float* scratch, int64_t) {
      kernel_.forward(model, sequence, call_.wanted, keep ? kept_->of(sequence.number) : Kept{},
                      out + sequence.number * rows * d, scratch);
    });
    return call_.wanted == States::last ? states.squeeze(1) : states;
  }

  /// Gradients of items, positions and parameters from that of the states.
  variable_list backward(const at::Tensor& state_gradients) {
    if (!kept_) throw internal_error("the fused encoder's backward pass works once, and only where one was announced");
    const at::Tensor gradients = state_gradients.contiguous();
    const int64_t length = ids_.size(1), d = layout_.width;
    const at::Tensor parameters = at::zeros({kChunks, layout_.size()}, items_.options());
    const at::Tensor positions = at::zeros({kChunks, length, d}, items_.options());
    each_sequence([&](const Model& model, const Sequence& sequence, float* scratch, int64_t chunk) {
      kernel_.backward(model, sequence, call_.wanted, kept_->of(sequence.number),
                       gradients.data_ptr<float>() + sequence.number * length * d,
                       parameters.data_ptr<float>() + chunk * layout_.size(),
                       positions.data_ptr<float>() + chunk * length * d, scratch);
    });
    at::Tensor items = item_gradients(kept_->embedded());
    kept_.reset();
    return {items, sum_of_chunks(positions), sum_of_chunks(parameters)};
  }

 private:
  /// work(model, sequence, scratch, chunk) for every sequence; those of a chunk one after another.
  template <class Work>
  void each_sequence(const Work& work) const {
    const int64_t n = ids_.size(0), length = ids_.size(1);
    Model model = call_.model;
    model.items = items_.data_ptr<float>();
    model.positions = positions_.data_ptr<float>();
    model.parameters = parameters_.data_ptr<float>();
    model.transposed = transposed_.data_ptr<float>();
    const int64_t* ids = ids_.data_ptr<int64_t>();
    at::parallel_for(0, kChunks, 1, [&](int64_t begin, int64_t end) {
      std::vector<float> scratch(static_cast<size_t>(kernel_.scratch_size(model, length)));
      for (int64_t chunk = begin; chunk < end; ++chunk)
        for (int64_t i = chunk; i < n; i += kChunks)
          work(model, Sequence{.ids = ids + i * length, .length = length, .number = i}, scratch.data(), chunk);
    });
  }

  static at::Tensor sum_of_chunks(const at::Tensor& chunks) {
    at::Tensor total = chunks[0];
    for (int64_t i = 1; i < kChunks; ++i) total.add_(chunks[i]);
    return total.clone();
  }

  /// [N, L, D] gradients of the embedded items, added up by item; row 0 pads and gets none.
  at::Tensor item_gradients(const at::Tensor& embedded) const {
    at::Tensor items = at::zeros_like(items_);
    const int64_t tokens = ids_.numel(), d = layout_.width;
    const int64_t* ids = ids_.data_ptr<int64_t>();
    const float* from = embedded.data_ptr<float>();
    float* to = items.data_ptr<float>();
    at::parallel_for(0, d / kColumnBlock, 1, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * kColumnBlock, last = end * kColumnBlock;
      for (int64_t t = 0; t < tokens; ++t) {
        if (ids[t] == 0) continue;
        const float* gradient = from + t * d;
        float* row = to + ids[t] * d;
        for (int64_t c = first; c < last; ++c) row[c] += gradient[c];
      }
    });
    return items;
  }

  const kernels::EncoderKernel& kernel_ = kernels::encoder_kernel();
  Call call_;
  at::Tensor items_, positions_, parameters_, ids_;
  Layout layout_;
  at::Tensor transposed_;
  std::optional<KeptStates> kept_;
};

struct FusedEncoder : torch::autograd::Function<FusedEncoder> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& items, const at::Tensor& positions,
                            const at::Tensor& parameters, const at::Tensor& ids, const Call& call, bool keep) {
    auto batch = c10::make_intrusive<Batch>(call, items.contiguous(), positions.contiguous(), parameters.contiguous(),
                                            ids.contiguous());
    at::Tensor states = batch->forward(keep);
    if (keep) context->saved_data["batch"] = c10::IValue::make_capsule(std::move(batch));
    return states;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const c10::intrusive_ptr<torch::CustomClassHolder> held = context->saved_data["batch"].toCapsule();
    variable_list out = static_cast<Batch*>(held.get())->backward(gradients[0]);
    out.resize(6);
    return out;
  }
};

}  // namespace

bool fits_fused_encoder(const at::Tensor& items, const EncoderOptions& options) {
  const int head_width = options.hidden_size / options.num_attention_heads;
  return items.is_cpu() && items.scalar_type() == at::kFloat && head_width % 16 == 0 &&
         options.num_hidden_layers <= kernels::kMaxLayers;
}

at::Tensor fused_encoder(const EncoderTensors& tensors, const at::Tensor& ids, const EncoderOptions& options,
                         Dropout& dropout, States wanted) {
  std::vector<at::Tensor> flat = {tensors.norm_weight, tensors.norm_bias};
  for (const std::vector<at::Tensor>& layer : tensors.layers)
    for (const at::Tensor& t : layer) flat.push_back(t.flatten());
  const at::Tensor parameters = at::cat(flat);
  const bool keep = at::GradMode::is_enabled() && wanted != States::last &&
                    (tensors.items.requires_grad() || tensors.positions.requires_grad() || parameters.requires_grad());
  return FusedEncoder::apply(tensors.items, tensors.positions, parameters, ids, make_call(options, dropout, wanted),
                             keep);
}

}  // namespace latentcrs
