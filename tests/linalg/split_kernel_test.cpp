// Products by AMX against sums in double precision. Where this processor has no AMX nothing is compared.
#include "numerics/linalg/amx/split_kernel.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "numerics/linalg/aligned_vector.h"
#include "support/instruction_sets.h"

using namespace latentcrs;
using namespace latentcrs::kernels;
using namespace latentcrs::test;

namespace {

const SplitKernel* amx_or_warning() {
  const SplitKernel* const kernel = runnable_split_kernel();
  if (kernel == nullptr) WARN("this processor or system has no AMX: nothing is compared");
  return kernel;
}

size_t size(int64_t count) { return static_cast<size_t>(count); }

/// What a step takes and makes.
struct Step {
  Step(int64_t rows, int64_t columns, int64_t vector_width)
      : row_count(rows),
        column_count(columns),
        width(vector_width),
        row_vectors(normals(rows * width, 1)),
        column_vectors(normals(columns * width, 2, 0.3f)),
        values(normals(columns * width, 3)),
        packed(size(3 * whole_groups(rows) * width)),
        memory(size(split_memory(width))),
        shifts(size(whole_groups(std::max(rows, columns)))),
        totals(size(whole_groups(rows)), 1.0),
        sums(size(whole_groups(rows) * width), 2.0f) {
    for (size_t i = 0; i < shifts.size(); ++i) shifts[i] = static_cast<float>(i % 5);
  }

  bool run(const SplitKernel& kernel, bool shifts_of_rows) {
    const SplitStep step = {.rows = packed.data(),
                            .row_count = whole_groups(row_count),
                            .columns = {column_vectors.data(), column_count, width},
                            .values = values.data(),
                            .row_shifts = shifts_of_rows ? shifts.data() : nullptr,
                            .column_shifts = shifts_of_rows ? nullptr : shifts.data(),
                            .hidden = hidden.data(),
                            .hidden_end = hidden.data() + hidden.size(),
                            .kept = kept};
    return kernel.pack({row_vectors.data(), row_count, width}, packed.data()) &&
           kernel.add_exponentials(step, memory.data(), shifts_of_rows ? totals.data() : nullptr, sums.data());
  }

  double exponential(int64_t row, int64_t column, bool shifts_of_rows) const {
    for (const RowColumn& pair : hidden)
      if (pair.row == row && pair.column == column) return 0;
    double logit = 0;
    for (int64_t d = 0; d < width; ++d)
      logit += static_cast<double>(row_vectors[size(row * width + d)]) *
               static_cast<double>(column_vectors[size(column * width + d)]);
    return std::exp2(logit - static_cast<double>(shifts[size(shifts_of_rows ? row : column)]));
  }

  int64_t row_count, column_count, width;
  Numbers row_vectors, column_vectors, values;
  AlignedVector<uint16_t> packed, memory;
  AlignedVector<float> shifts;
  std::vector<double> totals;
  AlignedVector<float> sums;
  std::vector<RowColumn> hidden;
  uint16_t* kept = nullptr;
};

void check_step(const SplitKernel& kernel, Step step, bool shifts_of_rows) {
  REQUIRE(step.run(kernel, shifts_of_rows));
  for (int64_t row = 0; row < step.row_count; ++row) {
    double total = 1;
    std::vector<double> sums(size(step.width), 2), sizes(sums.size(), 2);
    for (int64_t column = 0; column < step.column_count; ++column) {
      const double e = step.exponential(row, column, shifts_of_rows);
      total += e;
      for (int64_t d = 0; d < step.width; ++d) {
        const double term = e * static_cast<double>(step.values[size(column * step.width + d)]);
        sums[size(d)] += term;
        sizes[size(d)] += std::abs(term);
      }
    }
    if (shifts_of_rows) CHECK(step.totals[size(row)] == Approx(total).epsilon(1e-6));
    double worst = 0;
    for (size_t d = 0; d < sums.size(); ++d)
      worst =
          std::max(worst, std::abs(static_cast<double>(step.sums[size(row * step.width) + d]) - sums[d]) / sizes[d]);
    CHECK(worst < 0x1p-16);
  }
}

}  // namespace

TEST_CASE("AMX: exponentials, and their sums with values", "[kernels]") {
  const SplitKernel* const kernel = amx_or_warning();
  if (kernel == nullptr) return;
  for (const auto& [rows, columns, width] :
       {std::array<int64_t, 3>{1, 1, 32}, {33, 128, 64}, {70, 37, 96}, {16, 100, 32}}) {
    CAPTURE(rows, columns, width);
    check_step(*kernel, Step(rows, columns, width), true);
    check_step(*kernel, Step(rows, columns, width), false);
  }
  Step hiding(70, 90, 32);
  hiding.hidden = {{0, 0}, {31, 5}, {3, 40}, {20, 89}, {40, 1}, {69, 64}};
  check_step(*kernel, hiding, true);
  check_step(*kernel, hiding, false);
}

TEST_CASE("AMX: kept exponentials, and the sums of their columns with values of rows", "[kernels]") {
  const SplitKernel* const kernel = amx_or_warning();
  if (kernel == nullptr) return;
  constexpr int64_t kRows = 70, kColumns = 90, kWidth = 64, kAllRows = 96, kAllColumns = 96;
  Step step(kRows, kColumns, kWidth);
  step.hidden = {{3, 40}, {69, 64}};
  AlignedVector<uint16_t> kept(size(kKeptParts * kAllColumns * kAllRows)), parts(size(kKeptParts * kAllRows * kWidth));
  step.kept = kept.data();
  REQUIRE(step.run(*kernel, true));
  Numbers values = normals(kRows * kWidth, 4);
  REQUIRE(kernel->pack_kept_values({values.data(), kRows, kWidth}, parts.data()));
  AlignedVector<float> sums(size(kWidth * kAllColumns), 2.0f);
  kernel->add_kept({kept.data(), kAllRows, kAllColumns, parts.data(), kWidth}, sums.data());
  double worst = 0;
  for (int64_t column = 0; column < kColumns; ++column) {
    std::vector<double> expected(kWidth, 2), sizes(kWidth, 2);
    for (int64_t row = 0; row < kRows; ++row) {
      const double e = step.exponential(row, column, true);
      for (int64_t d = 0; d < kWidth; ++d) {
        const double term = e * static_cast<double>(values[size(row * kWidth + d)]);
        expected[size(d)] += term;
        sizes[size(d)] += std::abs(term);
      }
    }
    for (int64_t d = 0; d < kWidth; ++d)
      worst = std::max(worst, std::abs(static_cast<double>(sums[size(d * kAllColumns + column)]) - expected[size(d)]) /
                                  sizes[size(d)]);
  }
  CHECK(worst < 0x1p-16);
  values[700] = std::nanf("");
  CHECK_FALSE(kernel->pack_kept_values({values.data(), kRows, kWidth}, parts.data()));
}

TEST_CASE("AMX: numbers that bfloat16 cannot hold are refused, wherever they are", "[kernels]") {
  const SplitKernel* const kernel = amx_or_warning();
  if (kernel == nullptr) return;
  float all_ones = 0;
  std::memset(&all_ones, 0xff, sizeof all_ones);  // rounded like a number, this NaN would become 0
  const float largest = std::numeric_limits<float>::max(), infinite = std::numeric_limits<float>::infinity();
  for (const float spoilt : {all_ones, -all_ones, std::nanf(""), infinite, -infinite, largest, -largest})
    for (Numbers Step::*const part : {&Step::row_vectors, &Step::column_vectors, &Step::values}) {
      Step step(40, 50, 32);
      CHECK(step.run(*kernel, true));
      (step.*part)[700] = spoilt;
      CHECK_FALSE(step.run(*kernel, true));
    }
  Step large(40, 50, 32);
  large.values[700] = 0x1.fcp127f;
  CHECK(large.run(*kernel, true));
}

TEST_CASE("AMX: scores are above two bounds, below them, or near", "[kernels]") {
  const SplitKernel* const kernel = amx_or_warning();
  if (kernel == nullptr) return;
  // Row r is r + 1 at first and 0 then; column c is c - 1 and anything.
  constexpr int64_t kRows = 32, kColumns = 40, kWidth = 32;
  Numbers rows(kRows * kWidth), columns = normals(kColumns * kWidth, 1);
  for (int64_t r = 0; r < kRows; ++r) rows[size(r * kWidth)] = static_cast<float>(r + 1);
  for (int64_t c = 0; c < kColumns; ++c) columns[size(c * kWidth)] = static_cast<float>(c - 1);
  std::vector<uint8_t> skipped(kColumns);
  skipped[39] = 1;
  const Numbers low(kRows, 5.5f), high(kRows, 7.0f);
  AlignedVector<uint16_t> packed(3 * kRows * kWidth), memory(size(split_memory(kWidth)));
  REQUIRE(kernel->pack({rows.data(), kRows, kWidth}, packed.data()));
  const SplitScores scores{packed.data(),  kRows,      {columns.data(), kColumns, kWidth},
                           skipped.data(), low.data(), high.data()};
  std::vector<int32_t> above(kRows, 100);
  std::vector<RowColumn> room(20);
  PairList near{room.data(), 20};
  REQUIRE(kernel->compare(scores, memory.data(), above.data(), near));
  CHECK(above[0] == 100 + 30);  // c - 1 > 7 and c < 39
  CHECK(above[1] == 100 + 34);  // 2 (c - 1) > 7
  CHECK(above[31] == 100 + 37);
  // 6 and 7 in row 0, 6 in rows 1 and 2, 6 and 7 times 1 in rows 5 and 6.
  REQUIRE(near.count == 6);
  int64_t places = 0;
  for (int64_t i = 0; i < near.count; ++i) places += (near.pairs[i].row + 1) * (near.pairs[i].column - 1);
  CHECK(places == 6 + 7 + 6 + 6 + 6 + 7);
  PairList full{room.data(), 5};
  CHECK_FALSE(kernel->compare(scores, memory.data(), above.data(), full));
}

TEST_CASE("AMX: a score that overflows on the way is near where bounds are infinite", "[kernels]") {
  const SplitKernel* const kernel = amx_or_warning();
  if (kernel == nullptr) return;
  // In its own order a score falls to -12 * 2^124 and rises to 4 * 2^124. Tiles add up its second half apart: 2^128.
  constexpr int64_t kCount = 32, kWidth = 32;
  const Numbers rows(kCount * kWidth, 0x1p62f);
  Numbers columns(kCount * kWidth);
  for (int64_t c = 0; c < kCount; ++c) {
    std::fill_n(columns.begin() + c * kWidth, 12, -0x1p62f);
    std::fill_n(columns.begin() + c * kWidth + 16, 16, 0x1p62f);
  }
  const std::vector<uint8_t> skipped(kCount);
  AlignedVector<uint16_t> packed(3 * kCount * kWidth), memory(size(split_memory(kWidth)));
  REQUIRE(kernel->pack({rows.data(), kCount, kWidth}, packed.data()));
  std::vector<RowColumn> room(kCount * kCount);
  const auto compare = [&](float bound, std::vector<int32_t>& above) {
    const Numbers low(kCount, -bound), high(kCount, bound);
    PairList near{room.data(), kCount * kCount};
    REQUIRE(kernel->compare(
        {packed.data(), kCount, {columns.data(), kCount, kWidth}, skipped.data(), low.data(), high.data()},
        memory.data(), above.data(), near));
    return near.count;
  };
  std::vector<int32_t> overflown(kCount), above(kCount);
  CHECK(compare(0x1p127f, overflown) == 0);
  CHECK(overflown == std::vector<int32_t>(kCount, kCount));
  CHECK(compare(std::numeric_limits<float>::infinity(), above) == kCount * kCount);
  CHECK(above == std::vector<int32_t>(kCount, 0));
}
