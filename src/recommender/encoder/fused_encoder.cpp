#include "recommender/encoder/fused_encoder.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/util/error.h"
#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/share_units.h"
#include "recommender/encoder/kernels/dispatch.h"

namespace latentcrs {

namespace {

using kernels::EncoderModel;
using kernels::EncoderPass;
using kernels::SavedActivations;
using kernels::WantedStates;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// The backward pass shares out sequences in this many chunks, each with a sum of gradients of its own, so that the
// order of the sums depends on nothing else.
constexpr int64_t kChunks = 16;
constexpr int64_t kColumnBlock = 16;      // columns of the item table that one thread adds to
constexpr int64_t kBlockPositions = 512;  // of the sequences that a thread takes at once in the forward pass
constexpr int64_t kSumBlock = 4096;  // numbers of a chunk that stay in a core's cache while the chunks are added up

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

/// The model without its tensors.
EncoderModel encoder_model(const EncoderOptions& options, Dropout& dropout) {
  EncoderModel model;
  model.layout = {.width = options.hidden_size, .layers = options.num_hidden_layers};
  model.heads = options.num_attention_heads;
  model.activation = kernel_activation(options.hidden_act);
  model.dropout.embedding = next_mask(dropout, options.hidden_dropout_prob);
  for (int i = 0; i < options.num_hidden_layers; ++i) {
    kernels::EncoderDropout::Layer& layer = model.dropout.layer[i];
    layer.attention_weights = next_mask(dropout, options.attention_probs_dropout_prob);
    layer.attention_output = next_mask(dropout, options.hidden_dropout_prob);
    layer.output = next_mask(dropout, options.hidden_dropout_prob);
  }
  return model;
}

at::Tensor as_is(const at::Tensor& weight) { return weight; }
at::Tensor transposed(const at::Tensor& weight) { return weight.t(); }

/// The parameters as one block with the layout of the kernels, differentiable. `matrix` says how matrices lie in it.
at::Tensor parameter_block(const EncoderTensors& tensors, at::Tensor (*matrix)(const at::Tensor&)) {
  std::vector<at::Tensor> flat = {tensors.embedding_norm.weight, tensors.embedding_norm.bias};
  for (const LayerParameters<at::Tensor>& layer : tensors.layers)
    for (const WeightAndBias<at::Tensor>* part : {&layer.query_key_value, &layer.attention_output,
                                                  &layer.attention_norm, &layer.up, &layer.down, &layer.output_norm}) {
      flat.push_back(part->weight.dim() == 2 ? matrix(part->weight).flatten() : part->weight);
      flat.push_back(part->bias);
    }
  return at::cat(flat);
}

/// The memory between the forward and the backward pass of N sequences.
class SavedBatch {
 public:
  SavedBatch(const EncoderModel& model, const at::Tensor& ids, const at::TensorOptions& options) {
    const int64_t sequences = ids.size(0), length = ids.size(1), layers = model.layout.layers;
    states_ = at::empty({1 + 3 * layers, sequences, length, model.layout.width}, options);
    scales_ = at::empty({1 + 2 * layers, sequences, length}, options);
    softmax_ = at::empty({layers, sequences, model.heads, length, 2}, options);
  }

  SavedActivations places() const {
    SavedActivations saved;
    saved.embedded = {.values = part(states_, 0), .scale = part(scales_, 0)};
    for (int64_t i = 0; i < softmax_.size(0); ++i)
      saved.layer[i] = {.context = part(states_, 3 * i + 1),
                        .attended = {.values = part(states_, 3 * i + 2), .scale = part(scales_, 2 * i + 1)},
                        .output = {.values = part(states_, 3 * i + 3), .scale = part(scales_, 2 * i + 2)},
                        .softmax = part(softmax_, i)};
    return saved;
  }
  /// [N, L, D]: the normalised embeddings; after the backward pass their gradient.
  at::Tensor embedded() const { return states_[0]; }

 private:
  static float* part(const at::Tensor& of, int64_t number) { return of.data_ptr<float>() + number * of.stride(0); }

  at::Tensor states_;   // [1 + 3 layers, N, L, D]
  at::Tensor scales_;   // [1 + 2 layers, N, L]
  at::Tensor softmax_;  // [layers, N, H, L, 2]
};

/// The contiguous tensors of a pass.
struct PassTensors {
  at::Tensor items, positions, ids;
  at::Tensor parameters, transposed;  ///< blocks with the layout of the kernels
};

/// One forward pass and its backward pass over a batch.
class EncodedBatch : public torch::CustomClassHolder {
 public:
  EncodedBatch(const EncoderModel& model, WantedStates wanted, PassTensors tensors)
      : model_(model), wanted_(wanted), tensors_(std::move(tensors)) {
    model_.items = tensors_.items.data_ptr<float>();
    model_.positions = tensors_.positions.data_ptr<float>();
    model_.parameters = tensors_.parameters.data_ptr<float>();
    model_.transposed = tensors_.transposed.data_ptr<float>();
  }

  at::Tensor forward(bool keep) {
    if (kernel_.split != nullptr) split_matrices(keep);
    if (keep) saved_.emplace(model_, tensors_.ids, tensors_.items.options());
    const int64_t width = model_.layout.width, block = std::max<int64_t>(1, kBlockPositions / length());
    at::Tensor states = wanted_ == WantedStates::last
                            ? at::empty({sequences(), width}, tensors_.items.options())
                            : at::empty({sequences(), length(), width}, tensors_.items.options());
    share_passes((sequences() + block - 1) / block, [&](EncoderPass& pass, int64_t unit) {
      pass.first = unit * block;
      pass.end = std::min(pass.first + block, sequences());
      kernel_.forward(pass, states.data_ptr<float>());
    });
    return states;
  }

  /// Gradients of items, positions and parameters from that of the states.
  variable_list backward(const at::Tensor& gradient) {
    if (!saved_) throw internal_error("the fused encoder's backward pass works once, and only where one was announced");
    const at::Tensor states = gradient.contiguous();
    const int64_t size = model_.layout.size(), rows = length() * model_.layout.width;
    const at::Tensor parameters = at::empty({kChunks, size}, states.options());
    const at::Tensor positions = at::empty({kChunks, length(), model_.layout.width}, states.options());
    share_passes(kChunks, [&](EncoderPass& pass, int64_t chunk) {
      pass.first = chunk;
      pass.end = sequences();
      pass.step = kChunks;
      const kernels::EncoderGradients gradients{.states = states.data_ptr<float>(),
                                                .parameters = parameters.data_ptr<float>() + chunk * size,
                                                .positions = positions.data_ptr<float>() + chunk * rows};
      std::fill_n(gradients.parameters, size, 0.0f);
      std::fill_n(gradients.positions, rows, 0.0f);
      kernel_.backward(pass, gradients);
    });
    at::Tensor items = item_gradients(saved_->embedded());
    saved_.reset();
    return {items, sum_of_chunks(positions), sum_of_chunks(parameters)};
  }

 private:
  int64_t sequences() const { return tensors_.ids.size(0); }
  int64_t length() const { return tensors_.ids.size(1); }

  /// Splits the matrices for this pass, and for its backward pass where one is to come.
  void split_matrices(bool keep) {
    const auto size = static_cast<size_t>(model_.layout.size());
    split_parameters_.resize(size);
    if (keep) split_transposed_.resize(size);
    if (!kernel_.split(model_, split_parameters_.data(), keep ? split_transposed_.data() : nullptr)) return;
    model_.split_parameters = split_parameters_.data();
    if (keep) model_.split_transposed = split_transposed_.data();
  }

  /// Calls work(pass, unit) for each unit. `work` says which sequences the pass takes.
  template <class Work>
  void share_passes(int64_t units, const Work& work) const {
    const auto memory = [&] {
      return AlignedVector<float>(static_cast<size_t>(kernel_.scratch_size(model_, length())));
    };
    share_units(units, memory, [&](AlignedVector<float>& scratch, int64_t unit) {
      EncoderPass pass{.model = model_,
                       .ids = tensors_.ids.data_ptr<int64_t>(),
                       .length = length(),
                       .wanted = wanted_,
                       .saved = saved_ ? saved_->places() : SavedActivations{},
                       .scratch = scratch.data()};
      work(pass, unit);
    });
  }

  /// chunks [kChunks, ...] -> [...]
  static at::Tensor sum_of_chunks(const at::Tensor& chunks) {
    at::Tensor total = at::empty_like(chunks[0]);
    const int64_t size = total.numel();
    const float* from = chunks.data_ptr<float>();
    float* to = total.data_ptr<float>();
    at::parallel_for(0, size, kSumBlock, [&](int64_t begin, int64_t end) {
      std::copy(from + begin, from + end, to + begin);
      for (int64_t first = begin; first < end; first += kSumBlock)
        for (int64_t chunk = 1; chunk < kChunks; ++chunk)
          for (int64_t i = first; i < std::min(end, first + kSumBlock); ++i) to[i] += from[chunk * size + i];
    });
    return total;
  }

  /// Adds up the gradients of the embedded items [N, L, D] by item; row 0 pads and gets none.
  at::Tensor item_gradients(const at::Tensor& embedded) const {
    at::Tensor items = at::zeros_like(tensors_.items);
    const int64_t tokens = tensors_.ids.numel(), width = model_.layout.width;
    const int64_t* ids = tensors_.ids.data_ptr<int64_t>();
    const float* from = embedded.data_ptr<float>();
    float* to = items.data_ptr<float>();
    at::parallel_for(0, width / kColumnBlock, 1, [&](int64_t begin, int64_t end) {
      const int64_t first = begin * kColumnBlock, last = end * kColumnBlock;
      for (int64_t t = 0; t < tokens; ++t) {
        if (ids[t] == 0) continue;
        const float* gradient = from + t * width;
        float* row = to + ids[t] * width;
        for (int64_t c = first; c < last; ++c) row[c] += gradient[c];
      }
    });
    return items;
  }

  const kernels::EncoderKernel& kernel_ = kernels::encoder_kernel();
  EncoderModel model_;
  WantedStates wanted_;
  PassTensors tensors_;
  AlignedVector<kernels::SplitNumber> split_parameters_, split_transposed_;
  std::optional<SavedBatch> saved_;
};

/// The arguments of the operation that take no gradient.
struct PassInput {
  EncoderModel model;
  WantedStates wanted = WantedStates::all;
  at::Tensor ids, transposed;
  bool keep = false;  ///< the batch is kept for a backward pass
};

struct FusedEncoder : torch::autograd::Function<FusedEncoder> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& items, const at::Tensor& positions,
                            const at::Tensor& parameters, const PassInput& input) {
    auto batch = c10::make_intrusive<EncodedBatch>(input.model, input.wanted,
                                                   PassTensors{.items = items.contiguous(),
                                                               .positions = positions.contiguous(),
                                                               .ids = input.ids.contiguous(),
                                                               .parameters = parameters.contiguous(),
                                                               .transposed = input.transposed});
    at::Tensor states = batch->forward(input.keep);
    if (input.keep) context->saved_data["batch"] = c10::IValue::make_capsule(std::move(batch));
    return states;
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const c10::intrusive_ptr<torch::CustomClassHolder> held = context->saved_data["batch"].toCapsule();
    variable_list out = static_cast<EncodedBatch*>(held.get())->backward(gradients[0]);
    out.emplace_back();  // of PassInput
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
                         Dropout& dropout, WantedStates wanted) {
  const at::Tensor parameters = parameter_block(tensors, as_is);
  PassInput input{
      .model = encoder_model(options, dropout), .wanted = wanted, .ids = ids, .transposed = {}, .keep = false};
  input.keep = at::GradMode::is_enabled() && wanted != WantedStates::last &&
               (tensors.items.requires_grad() || tensors.positions.requires_grad() || parameters.requires_grad());
  {
    const at::NoGradGuard no_grad;
    input.transposed = parameter_block(tensors, transposed);
  }
  return FusedEncoder::apply(tensors.items, tensors.positions, parameters, input);
}

}  // namespace latentcrs
