// The encoder's kernels give the same bits with AVX2 and AVX-512, and for sequences together and one by one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "recommender/encoder/kernels/dispatch.h"
#include "support/instruction_sets.h"

using namespace latentcrs;
using namespace latentcrs::kernels;
using namespace latentcrs::test;

namespace {

struct EncoderCase {
  int64_t width, heads, layers, length;
  std::vector<int64_t> padding;  ///< columns without an item, of each sequence
  Activation activation;
  double dropout;

  int64_t sequences() const { return static_cast<int64_t>(padding.size()); }
  int64_t positions() const { return sequences() * length; }
};

const std::vector<EncoderCase>& encoder_cases() {
  static const std::vector<EncoderCase> cases = {{64, 2, 2, 50, {0, 33, 50, 49, 12, 40, 3}, Activation::gelu, 0.5},
                                                 {64, 2, 2, 50, {20, 41, 44, 45, 50}, Activation::gelu, 0.2},
                                                 {32, 2, 1, 7, {3, 0, 6}, Activation::relu, 0.0},
                                                 {48, 1, 3, 130, {100, 0, 129}, Activation::swish, 0.5}};
  return cases;
}

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

/// Memory for the activations of the sequences.
class SavedMemory {
 public:
  explicit SavedMemory(const EncoderCase& c) : rows_(c.positions() * c.width), positions_(c.positions()) {
    memory_.reserve(64);
    activations.embedded = normalised_rows();
    for (int64_t i = 0; i < c.layers; ++i) {
      SavedActivations::Layer& layer = activations.layer[i];
      layer.context = numbers(rows_);
      layer.attended = normalised_rows();
      layer.output = normalised_rows();
      layer.softmax = numbers(c.heads * c.positions() * 2);
    }
  }
  SavedMemory(const SavedMemory&) = delete;
  const Numbers& embedded() const { return memory_.front(); }

  SavedActivations activations;

 private:
  float* numbers(int64_t count) { return memory_.emplace_back(static_cast<size_t>(count)).data(); }
  NormalisedRows normalised_rows() {
    float* const values = numbers(rows_);
    return {.values = values, .scale = numbers(positions_)};
  }

  int64_t rows_, positions_;
  std::vector<Numbers> memory_;
};

/// The item ids [N, L] of the sequences.
std::vector<int64_t> item_ids(const EncoderCase& c, int64_t items) {
  std::vector<int64_t> ids(static_cast<size_t>(c.positions()), 0);
  for (int64_t n = 0; n < c.sequences(); ++n)
    for (int64_t j = c.padding[static_cast<size_t>(n)]; j < c.length; ++j)
      ids[static_cast<size_t>(n * c.length + j)] = 1 + (n * 5 + j * 7) % (items - 1);
  return ids;
}

/// States; unless only the last ones are wanted also the gradients of parameters, positions and embeddings. `together`
/// says how many sequences a pass takes.
Numbers encode(const EncoderKernel& kernel, const EncoderCase& c, WantedStates wanted, int64_t together) {
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
  const std::vector<int64_t> ids = item_ids(c, kItems);
  Numbers scratch(static_cast<size_t>(kernel.scratch_size(model, c.length)));
  const SavedMemory saved(c);
  EncoderPass pass{.model = model, .ids = ids.data(), .length = c.length, .wanted = wanted, .scratch = scratch.data()};
  if (wanted != WantedStates::last) pass.saved = saved.activations;
  const auto each_pass = [&](const auto& work) {
    for (pass.first = 0; pass.first < c.sequences(); pass.first = pass.end) {
      pass.end = std::min(pass.first + together, c.sequences());
      work();
    }
  };
  const int64_t all = c.positions() * c.width;
  Numbers states(static_cast<size_t>(wanted == WantedStates::last ? c.sequences() * c.width : all));
  each_pass([&] { kernel.forward(pass, states.data()); });
  if (wanted == WantedStates::last) return states;

  Numbers out = states, parameter_gradients(static_cast<size_t>(model.layout.size())),
          position_gradients(static_cast<size_t>(c.length * c.width));
  const Numbers gradients = normals(all, 8);
  each_pass([&] {
    kernel.backward(
        pass,
        {.states = gradients.data(), .parameters = parameter_gradients.data(), .positions = position_gradients.data()});
  });
  for (const Numbers* part :
       std::initializer_list<const Numbers*>{&parameter_gradients, &position_gradients, &saved.embedded()})
    out.insert(out.end(), part->begin(), part->end());
  return out;
}

/// Calls check(case, wanted) for each case and each kind of states.
template <class Check>
void each_case(const Check& check) {
  for (const EncoderCase& c : encoder_cases())
    for (const WantedStates wanted : {WantedStates::all, WantedStates::real, WantedStates::last}) {
      CAPTURE(c.width, c.heads, c.layers, c.length, c.padding, static_cast<int>(wanted));
      check(c, wanted);
    }
}

}  // namespace

TEST_CASE("AVX2 and AVX-512 give the same states and gradients of the encoder", "[kernels]") {
  each_case([](const EncoderCase& c, WantedStates wanted) {
    check_same_bits([&](InstructionSet set) { return encode(encoder_kernel(set), c, wanted, c.sequences()); });
  });
}

TEST_CASE("the encoder gives the same bits for sequences together and one by one", "[kernels]") {
  each_case([](const EncoderCase& c, WantedStates wanted) {
    const Numbers alone = encode(encoder_kernel(), c, wanted, 1);
    CHECK(encode(encoder_kernel(), c, wanted, 2) == alone);
    CHECK(encode(encoder_kernel(), c, wanted, c.sequences()) == alone);
  });
}
