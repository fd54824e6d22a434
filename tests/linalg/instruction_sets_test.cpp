// The kernels for AVX2 and AVX-512 give the same bits.
#include "support/instruction_sets.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <vector>

#include "numerics/linalg/kernels/dispatch.h"

using namespace latentcrs;
using namespace latentcrs::kernels;
using namespace latentcrs::test;

namespace {

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
      const TileTarget target{.data = c.data() + i * columns + j, .line = columns, .rows = r.count, .columns = k.count};
      for (const TileStart start : {TileStart::zero, TileStart::target})
        kernel.tile(inner, left_panel.data(), right_panel.data(), target, start);
    }
  return c;
}

}  // namespace

TEST_CASE("AVX2 and AVX-512 give the same products", "[kernels]") {
  for (const auto& [rows, columns, inner] :
       {std::array<int64_t, 3>{1, 1, 1}, {14, 32, 64}, {37, 45, 383}, {3, 129, 7}}) {
    CAPTURE(rows, columns, inner);
    check_same_bits([&](InstructionSet set) { return product(kernels_for(set).product, rows, columns, inner); });
  }
}

TEST_CASE("AVX2 and AVX-512 give the same sums over pairs, nearest centroids and dropout", "[kernels]") {
  for (const int64_t width : {1, 15, 64, 70}) {
    CAPTURE(width);
    check_same_bits([&](InstructionSet set) {
      const Kernels& copy = kernels_for(set);
      constexpr int64_t kItems = 40, kCount = 1100;
      const Numbers items = normals(kItems * width, 1), vector = normals(width, 2), weights = normals(kCount, 3);
      std::vector<int32_t> rows(kCount);
      for (int64_t j = 0; j < kCount; ++j) rows[static_cast<size_t>(j)] = static_cast<int32_t>(j * 7 % kItems);
      std::vector<WeightedRow> weighted;
      for (size_t j = 0; j < kCount; ++j) weighted.push_back({rows[j], weights[j]});
      Numbers slopes(kCount), gradient(static_cast<size_t>(width), 1.0f), sum = gradient, dropped(kCount);
      const auto softplus = static_cast<float>(copy.pairs.look(
          {vector.data(), items.data(), rows.data(), kCount, width}, 3, slopes.data(), gradient.data()));
      copy.pairs.add_rows(weighted.data(), kCount, items.data(), width, sum.data());
      const Nearest nearest = copy.nearest(slopes.data(), weights.data(), 3.0f, kCount);
      copy.drop(slopes.data(), dropped.data(), 0, kCount, make_dropout_mask(9, 0.25));
      Numbers out = slopes;
      for (const Numbers* part : {&gradient, &sum, &dropped}) out.insert(out.end(), part->begin(), part->end());
      out.insert(out.end(), {softplus, nearest.distance, static_cast<float>(nearest.index)});
      return out;
    });
  }
}

TEST_CASE("AVX2 and AVX-512 give the same tiles of logits and sums over them", "[kernels]") {
  for (const auto& [rows, columns, width] : {std::array<int64_t, 3>{1, 1, 16}, {126, 256, 64}, {37, 70, 48}}) {
    CAPTURE(rows, columns, width);
    check_same_bits([&](InstructionSet set) {
      const LogitKernel& kernel = kernels_for(set).logits;
      const int64_t whole = whole_panels(columns);
      const Numbers items = normals(rows * width, 1), vectors = normals(columns * width, 2);
      const auto of_columns = [&](float value) { return Numbers(static_cast<size_t>(whole), value); };
      Numbers panels(static_cast<size_t>(whole * width)), top = of_columns(-1), total = of_columns(1),
                                                          column_sums = normals(columns * width, 3),
                                                          row_sums = normals(rows * width, 4);
      const Numbers score = of_columns(0), shift = of_columns(3);
      LogitTile tile{nullptr, rows, columns};
      Numbers logits(static_cast<size_t>(rows * tile.line()));
      tile.data = logits.data();
      kernel.pack({vectors.data(), columns, width}, panels.data());
      kernel.multiply(items.data(), panels.data(), width, tile);
      std::vector<int32_t> at_least(static_cast<size_t>(whole)), unordered(at_least.size());
      kernel.count(tile, 0, rows, {score.data(), at_least.data(), unordered.data()});
      kernel.raise(tile, top.data());
      kernel.exponentials(items.data(), panels.data(), width, shift.data(), tile);
      kernel.add_up(tile, total.data());
      kernel.add_to_columns(tile, {items.data(), rows, width}, column_sums.data());
      kernel.add_to_rows(tile, {vectors.data(), columns, width}, row_sums.data());
      Numbers out(at_least.begin(), at_least.begin() + columns);
      out.push_back(kernel.dot(items.data(), vectors.data(), width));
      for (const Numbers* part : {&panels, &column_sums, &row_sums}) out.insert(out.end(), part->begin(), part->end());
      for (const Numbers* part : {&top, &total})  // what lies beyond the columns means nothing
        out.insert(out.end(), part->begin(), part->begin() + columns);
      return out;
    });
  }
}
