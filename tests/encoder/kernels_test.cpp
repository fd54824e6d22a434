// The encoder's kernels for AVX2 and AVX-512 give the same bits.
#include <catch2/catch.hpp>
#include <vector>

#include "recommender/encoder/kernels/dispatch.h"
#include "support/instruction_sets.h"

using namespace latentcrs;
using namespace latentcrs::kernels;
using namespace latentcrs::test;

namespace {

struct EncoderCase {
  int64_t width, heads, layers, length, padding;
  Activation activation;
  double dropout;
};

EncoderDropout dropout_masks(const EncoderCase& c) {
  EncoderDropout dropout;
  if (c.dropout == 0) return dropout;
  dropout.embedding = make_dropout_mask(11, c.dropout);
  for (int64_t i = 0; i < c.layers; ++i)
    dropout.layer[i] = {.attention_weights = make_dropout_mask(20 + i, c.dropout),
                        .attention_output = make_dropout_mask(30 + i, c.dropout),
                        .output = make_dropout_mask(40 + i, c.dropout)};
  return dropout;
}

/// Memory for the activations of one sequence.
class SavedMemory {
 public:
  explicit SavedMemory(const EncoderCase& c) : rows_(c.length * c.width), length_(c.length) {
    memory_.reserve(64);
    activations.embedded = normalised_rows();
    for (int64_t i = 0; i < c.layers; ++i) {
      SavedActivations::Layer& layer = activations.layer[i];
      layer.context = numbers(rows_);
      layer.attended = normalised_rows();
      layer.output = normalised_rows();
      layer.softmax = numbers(c.heads * c.length * 2);
    }
  }
  SavedMemory(const SavedMemory&) = delete;
  const Numbers& embedded() const { return memory_.front(); }

  SavedActivations activations;

 private:
  float* numbers(int64_t count) { return memory_.emplace_back(static_cast<size_t>(count)).data(); }
  NormalisedRows normalised_rows() {
    float* const values = numbers(rows_);
    return {.values = values, .scale = numbers(length_)};
  }

  int64_t rows_, length_;
  std::vector<Numbers> memory_;
};

/// States, and the gradients of parameters, positions and embeddings.
Numbers encode(const EncoderKernel& kernel, const EncoderCase& c) {
  constexpr int64_t kItems = 50;
  EncoderModel model;
  model.layout = {.width = c.width, .layers = c.layers};
  model.heads = c.heads;
  model.activation = c.activation;
  model.dropout = dropout_masks(c);
  const Numbers items = normals(kItems * c.width, 3), positions = normals(c.length * c.width, 4),
                parameters = normals(model.layout.size(), 5, 0.2f), transposed = normals(model.layout.size(), 6, 0.2f);
  model.items = items.data();
  model.positions = positions.data();
  model.parameters = parameters.data();
  model.transposed = transposed.data();
  std::vector<int64_t> ids(static_cast<size_t>(c.length), 0);
  for (int64_t j = c.padding; j < c.length; ++j) ids[static_cast<size_t>(j)] = 1 + (j * 7) % (kItems - 1);

  const int64_t rows = c.length * c.width;
  Numbers states(static_cast<size_t>(rows)), scratch(static_cast<size_t>(kernel.scratch_size(model, c.length)));
  const SavedMemory saved(c);
  const EncoderPass pass{.model = model,
                         .sequence = {.ids = ids.data(), .length = c.length, .number = 2},
                         .wanted = WantedStates::all,
                         .saved = saved.activations,
                         .scratch = scratch.data()};
  kernel.forward(pass, states.data());
  Numbers out = states, parameter_gradients(static_cast<size_t>(model.layout.size())),
          position_gradients(static_cast<size_t>(rows));
  const Numbers gradients = normals(rows, 8);
  kernel.backward(
      pass,
      {.states = gradients.data(), .parameters = parameter_gradients.data(), .positions = position_gradients.data()});
  for (const Numbers* part :
       std::initializer_list<const Numbers*>{&parameter_gradients, &position_gradients, &saved.embedded()})
    out.insert(out.end(), part->begin(), part->end());
  return out;
}

}  // namespace

TEST_CASE("AVX2 and AVX-512 give the same states and gradients of the encoder", "[kernels]") {
  for (const EncoderCase& c : {EncoderCase{64, 2, 2, 50, 0, Activation::gelu, 0.5},
                               {64, 2, 2, 50, 33, Activation::gelu, 0.2},
                               {32, 2, 1, 7, 3, Activation::relu, 0.0},
                               {48, 1, 3, 130, 100, Activation::swish, 0.5}}) {
    CAPTURE(c.width, c.heads, c.layers, c.length, c.padding);
    check_same_bits([&](InstructionSet set) { return encode(encoder_kernel(set), c); });
  }
}
