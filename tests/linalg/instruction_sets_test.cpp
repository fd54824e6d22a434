// The kernels for AVX2 and AVX-512 give the same bits. Skipped on a processor that has not both.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "linalg/kernels/dispatch.h"
#include "util/random.h"

using namespace latentcrs;
using namespace latentcrs::kernels;

namespace {

using Numbers = std::vector<float>;

Numbers normals(int64_t count, uint64_t seed, float scale = 1) {
  Rng rng(seed);
  Numbers values(static_cast<size_t>(count));
  for (float& value : values) value = scale * static_cast<float>(rng.normal());
  return values;
}

/// Calls `results` with the copies for AVX2 and AVX-512 and compares what they return, bit by bit.
template <class Results>
void check_same_bits(Results results) {
  const Kernels *avx2 = nullptr, *avx512 = nullptr;
  for (const Kernels* copy : runnable_kernels()) {
    if (copy->instruction_set == "avx2") avx2 = copy;
    if (copy->instruction_set == "avx512") avx512 = copy;
  }
  if (avx2 == nullptr || avx512 == nullptr) {
    WARN("this processor does not have both AVX2 and AVX-512: nothing is compared");
    return;
  }
  const Numbers a = results(*avx2), b = results(*avx512);
  REQUIRE(a.size() == b.size());
  size_t differ = 0;
  for (size_t i = 0; i < a.size(); ++i) differ += std::memcmp(&a[i], &b[i], sizeof(float)) != 0;
  CHECK(differ == 0);
}

/// c [rows, columns] = a [rows, inner] bᵀ, tile by tile.
Numbers product(const ProductKernel& kernel, int64_t rows, int64_t columns, int64_t inner) {
  const Numbers a = normals(rows * inner, 1), b = normals(columns * inner, 2);
  const Operand left = {.data = a.data(), .line = inner}, right = {.data = b.data(), .line = inner};
  Numbers c(static_cast<size_t>(rows * columns)), left_panel(static_cast<size_t>(kernel.rows * inner)),
      right_panel(static_cast<size_t>(kernel.columns * inner));
  for (int64_t i = 0; i < rows; i += kernel.rows)
    for (int64_t j = 0; j < columns; j += kernel.columns) {
      const Range r{i, std::min<int64_t>(kernel.rows, rows - i)}, k{j, std::min<int64_t>(kernel.columns, columns - j)};
      kernel.pack_left(left, r, {0, inner}, left_panel.data());
      kernel.pack_right(right, k, {0, inner}, right_panel.data());
      for (const bool add : {false, true})
        kernel.tile(inner, left_panel.data(), right_panel.data(), c.data() + i * columns + j, columns, r.count, k.count,
                    add);
    }
  return c;
}

struct EncoderCase {
  int64_t width, heads, layers, length, padding;
  Activation activation;
  double dropout;
};

/// States, and the gradients of parameters, positions and embeddings.
Numbers encode(const EncoderKernel& kernel, const EncoderCase& c) {
  constexpr int64_t kItems = 50;
  Model model;
  model.layout = {c.width, c.layers};
  model.heads = c.heads;
  model.activation = c.activation;
  const Numbers items = normals(kItems * c.width, 3), positions = normals(c.length * c.width, 4),
                parameters = normals(model.layout.size(), 5, 0.2f), transposed = normals(model.layout.size(), 6, 0.2f);
  model.items = items.data();
  model.positions = positions.data();
  model.parameters = parameters.data();
  model.transposed = transposed.data();
  if (c.dropout > 0) {
    model.embedding = make_dropout_mask(11, c.dropout);
    for (int64_t i = 0; i < c.layers; ++i) {
      model.attention[i] = make_dropout_mask(20 + i, c.dropout);
      model.out[i] = make_dropout_mask(30 + i, c.dropout);
      model.ffn[i] = make_dropout_mask(40 + i, c.dropout);
    }
  }
  std::vector<int64_t> ids(static_cast<size_t>(c.length), 0);
  for (int64_t j = c.padding; j < c.length; ++j) ids[static_cast<size_t>(j)] = 1 + (j * 7) % (kItems - 1);

  const int64_t rows = c.length * c.width;
  Numbers states(static_cast<size_t>(rows)), scratch(static_cast<size_t>(kernel.scratch_size(model, c.length)));
  std::vector<Numbers> kept_memory;
  const auto memory = [&](int64_t count) { return kept_memory.emplace_back(static_cast<size_t>(count)).data(); };
  kept_memory.reserve(64);
  Kept kept;
  kept.embedded = memory(rows);
  kept.embedded_scale = memory(c.length);
  for (int64_t i = 0; i < c.layers; ++i) {
    kept.layer[i].context = memory(rows);
    kept.layer[i].attended = memory(rows);
    kept.layer[i].finished = memory(rows);
    kept.layer[i].attended_scale = memory(c.length);
    kept.layer[i].finished_scale = memory(c.length);
    kept.layer[i].softmax = memory(c.heads * c.length * 2);
  }
  const Sequence sequence{.ids = ids.data(), .length = c.length, .number = 2};
  kernel.forward(model, sequence, States::all, kept, states.data(), scratch.data());
  Numbers out = states, parameter_gradients(static_cast<size_t>(model.layout.size())),
          position_gradients(static_cast<size_t>(rows));
  const Numbers gradients = normals(rows, 8);
  kernel.backward(model, sequence, States::all, kept, gradients.data(), parameter_gradients.data(),
                  position_gradients.data(), scratch.data());
  for (const Numbers* part : {&parameter_gradients, &position_gradients, &kept_memory.front()})
    out.insert(out.end(), part->begin(), part->end());
  return out;
}

}  // namespace

TEST_CASE("AVX2 and AVX-512 give the same products", "[kernels]") {
  for (const auto& [rows, columns, inner] :
       {std::array<int64_t, 3>{1, 1, 1}, {14, 32, 64}, {37, 45, 383}, {3, 129, 7}}) {
    CAPTURE(rows, columns, inner);
    check_same_bits([&](const Kernels& copy) { return product(copy.product, rows, columns, inner); });
  }
}

TEST_CASE("AVX2 and AVX-512 give the same sums over pairs, nearest centroids and dropout", "[kernels]") {
  for (const int64_t width : {1, 15, 64, 70}) {
    CAPTURE(width);
    check_same_bits([&](const Kernels& copy) {
      constexpr int64_t kItems = 40, kCount = 1100;
      const Numbers items = normals(kItems * width, 1), vector = normals(width, 2), weights = normals(kCount, 3);
      std::vector<int32_t> rows(kCount);
      for (int64_t j = 0; j < kCount; ++j) rows[static_cast<size_t>(j)] = static_cast<int32_t>(j * 7 % kItems);
      Numbers logits(kCount), exponentials(kCount, 0.25f), sum(static_cast<size_t>(width), 1.0f), dropped(kCount);
      copy.pairs.dot_rows(vector.data(), items.data(), rows.data(), kCount, width, logits.data());
      copy.pairs.add_rows(weights.data(), items.data(), rows.data(), kCount, width, sum.data());
      const auto softplus = static_cast<float>(copy.pairs.softplus_sum(logits.data(), exponentials.data(), kCount));
      const Nearest nearest = copy.nearest(logits.data(), weights.data(), 3.0f, kCount);
      copy.drop(logits.data(), dropped.data(), 0, kCount, make_dropout_mask(9, 0.25));
      Numbers out = logits;
      copy.pairs.to_slopes(out.data(), exponentials.data(), kCount, 3);
      for (const Numbers* part : {&logits, &sum, &dropped}) out.insert(out.end(), part->begin(), part->end());
      out.insert(out.end(), {softplus, nearest.distance, static_cast<float>(nearest.index)});
      return out;
    });
  }
}

TEST_CASE("AVX2 and AVX-512 give the same states and gradients of the encoder", "[kernels]") {
  for (const EncoderCase& c : {EncoderCase{64, 2, 2, 50, 0, Activation::gelu, 0.5},
                               {64, 2, 2, 50, 33, Activation::gelu, 0.2},
                               {32, 2, 1, 7, 3, Activation::relu, 0.0},
                               {48, 1, 3, 130, 100, Activation::swish, 0.5}}) {
    CAPTURE(c.width, c.heads, c.layers, c.length, c.padding);
    check_same_bits([&](const Kernels& copy) { return encode(copy.encoder, c); });
  }
}
