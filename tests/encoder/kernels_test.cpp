// The encoder's kernels give the same bits with AVX2 and AVX-512, and for sequences together and one by one; those for
// AMX give the same numbers.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "numerics/linalg/aligned_vector.h"
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
  float of_item = 1;  ///< a number of item 8, which is the second one of the first sequence

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

/// Writes `rows` lines of `width` numbers as columns.
void transpose_to(const float* from, int64_t rows, int64_t width, float* to) {
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) to[c * rows + r] = from[r * width + c];
}

/// The block of parameters with its matrices as [in, out].
Numbers transposed_block(const ParameterLayout& layout, const Numbers& parameters) {
  Numbers block = parameters;
  const int64_t d = layout.width;
  size_t next = static_cast<size_t>(2 * d);
  const auto matrix = [&](int64_t out, int64_t in, int64_t vectors) {
    transpose_to(&parameters[next], out, in, &block[next]);
    next += static_cast<size_t>(out * in + vectors * d);
  };
  for (int64_t i = 0; i < layout.layers; ++i) {
    matrix(3 * d, d, 3);
    matrix(d, d, 1 + 2);  // and the norm behind it
    matrix(4 * d, d, 4);
    matrix(d, 4 * d, 1 + 2);
  }
  REQUIRE(next == block.size());
  return block;
}

/// The matrices in parts, where the kernel takes them.
struct SplitMatrices {
  SplitMatrices(const EncoderKernel& kernel, EncoderModel& model)
      : parameters(static_cast<size_t>(model.layout.size())), transposed(parameters.size()) {
    done = kernel.split != nullptr && kernel.split(model, parameters.data(), transposed.data());
    if (!done) return;
    model.split_parameters = parameters.data();
    model.split_transposed = transposed.data();
  }
  AlignedVector<SplitNumber> parameters, transposed;
  bool done;
};

/// States; unless only the last ones are wanted also the gradients of parameters, positions and embeddings. `together`
/// says how many sequences a pass takes.
Numbers encode(const EncoderKernel& kernel, const EncoderCase& c, WantedStates wanted, int64_t together) {
  constexpr int64_t kItems = 50;
  EncoderModel model;
  model.layout = {.width = c.width, .layers = c.layers};
  model.heads = c.heads;
  model.activation = c.activation;
  model.dropout = dropout_masks(c);
  Numbers items = normals(kItems * c.width, 3);
  items[static_cast<size_t>(8 * c.width)] = c.of_item;
  const Numbers positions = normals(c.length * c.width, 4), parameters = normals(model.layout.size(), 5, 0.2f),
                transposed = transposed_block(model.layout, parameters);
  model.items = items.data();
  model.positions = positions.data();
  model.parameters = parameters.data();
  model.transposed = transposed.data();
  const SplitMatrices split(kernel, model);
  CHECK(split.done == (kernel.split != nullptr && c.width % 32 == 0));
  const std::vector<int64_t> ids = item_ids(c, kItems);
  AlignedVector<float> scratch(static_cast<size_t>(kernel.scratch_size(model, c.length)));
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

/// The root of the mean squared difference over that of the numbers.
double relative_difference(const Numbers& a, const Numbers& b) {
  REQUIRE(a.size() == b.size());
  double difference = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a[i]) - b[i], 2);
    size += std::pow(static_cast<double>(b[i]), 2);
  }
  return std::sqrt(difference / size);
}

const EncoderKernel* amx_kernel_or_warning() {
  const EncoderKernel* const kernel = runnable_amx_encoder_kernel();
  if (kernel == nullptr) WARN("this processor has no AMX: nothing is compared");
  return kernel;
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

TEST_CASE("AMX gives states and gradients of the encoder to the accuracy of float32", "[kernels]") {
  const EncoderKernel* const amx = amx_kernel_or_warning();
  if (amx == nullptr) return;
  each_case([&](const EncoderCase& c, WantedStates wanted) {
    const Numbers exact = encode(encoder_kernel(InstructionSet::avx512), c, wanted, c.sequences());
    // The copies for AVX-512 and for the baseline, which rounds products, differ as much.
    const double rounding =
        relative_difference(encode(encoder_kernel(InstructionSet::baseline), c, wanted, c.sequences()), exact);
    const Numbers numbers = encode(*amx, c, wanted, c.sequences());
    CAPTURE(rounding);
    CHECK(relative_difference(numbers, exact) < 2 * rounding + 1e-7);
  });
}

TEST_CASE("AMX gives the same states for users together and one by one", "[kernels]") {
  const EncoderKernel* const amx = amx_kernel_or_warning();
  if (amx == nullptr) return;
  for (const EncoderCase& c : encoder_cases())
    CHECK(encode(*amx, c, WantedStates::last, c.sequences()) == encode(*amx, c, WantedStates::last, 1));
}

TEST_CASE("a state that is not finite does not become a number", "[kernels]") {
  const EncoderKernel* const amx = amx_kernel_or_warning();
  const EncoderKernel& kernel = amx != nullptr ? *amx : encoder_kernel();
  EncoderCase c{64, 2, 2, 20, {0}, Activation::gelu, 0.0};
  // The last one is a NaN whose bits would turn to those of a small number where bfloat16 is rounded to.
  for (const float value : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN(),
                            std::bit_cast<float>(0x7fffffffu)}) {
    c.of_item = value;
    for (const float state : encode(kernel, c, WantedStates::last, 1)) CHECK(std::isnan(state));
  }
}

TEST_CASE("a weight that is not finite is not split", "[kernels]") {
  const EncoderKernel* const amx = amx_kernel_or_warning();
  if (amx == nullptr) return;
  EncoderModel model;
  model.layout = {.width = 64, .layers = 1};
  model.heads = 2;
  Numbers parameters = normals(model.layout.size(), 5, 0.2f);
  parameters[2 * 64 + 77] = std::numeric_limits<float>::quiet_NaN();
  const Numbers transposed = transposed_block(model.layout, parameters);
  model.parameters = parameters.data();
  model.transposed = transposed.data();
  CHECK_FALSE(SplitMatrices(*amx, model).done);
}
