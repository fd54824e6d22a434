#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "base/util/random.h"
#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/kernels/drop.h"
#include "numerics/linalg/kernels/logits.h"
#include "numerics/linalg/kernels/pairs.h"

using namespace latentcrs;

namespace {

std::vector<float> normals(size_t count, uint64_t seed) {
  Rng rng(seed);
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(rng.normal());
  return values;
}

}  // namespace

TEST_CASE("the loops over pairs agree with their formulas", "[kernels]") {
  const kernels::PairKernel& kernel = kernels::pair_kernel();
  const int64_t width = GENERATE(1, 15, 64, 70, 144);
  const int64_t count = GENERATE(1, 7, 64, 1100);
  CAPTURE(width, count);
  constexpr int64_t kItems = 40;
  constexpr float kScale = 3;
  const std::vector<float> items = normals(kItems * width, 1), vector = normals(width, 2);
  std::vector<int32_t> rows(count);
  for (int64_t j = 0; j < count; ++j) rows[j] = static_cast<int32_t>(j * 7 % kItems);

  std::vector<double> expected_slopes, expected_gradient(width, 1.0);
  double softplus = 0;
  for (const int32_t row : rows) {
    const float* item = items.data() + row * width;
    const double logit = std::inner_product(item, item + width, vector.begin(), 0.0);
    softplus += std::log1p(std::exp(logit));
    expected_slopes.push_back(kScale / (1 + std::exp(-logit)));
    for (int64_t d = 0; d < width; ++d) expected_gradient[d] += expected_slopes.back() * item[d];
  }
  const kernels::PairRows pairs = {vector.data(), items.data(), rows.data(), count, width};
  std::vector<float> slopes(count + 1, 77.0f), gradient(width, 1.0f), again(width, 1.0f);
  CHECK(kernel.look(pairs, kScale, slopes.data(), gradient.data()) == Approx(softplus));
  for (int64_t j = 0; j < count; ++j) REQUIRE(slopes[j] == Approx(expected_slopes[j]).epsilon(1e-5));
  for (int64_t d = 0; d < width; ++d) REQUIRE(gradient[d] == Approx(expected_gradient[d]).margin(2e-3));
  CHECK(slopes[count] == 77);  // nothing is written behind them

  const double without_gradients = kernel.look(pairs, kScale, nullptr, nullptr);
  CHECK(without_gradients == kernel.look(pairs, kScale, slopes.data(), std::vector<float>(width).data()));
  std::vector<kernels::WeightedRow> weighted;
  for (int64_t j = 0; j < count; ++j) weighted.push_back({rows[j], slopes[j]});
  kernel.add_rows(weighted.data(), count, items.data(), width, again.data());
  CHECK(again == gradient);  // the same sum in the same order
}

TEST_CASE("pairs may have logits of any size", "[kernels]") {
  const kernels::PairKernel& kernel = kernels::pair_kernel();
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const float one = 1;
  const int32_t first = 0;
  float slope = 0, gradient = 0;
  const auto look = [&](float logit) { return kernel.look({&one, &logit, &first, 1, 1}, 2, &slope, &gradient); };
  CHECK(look(100) == 100);
  CHECK(slope == 2);
  CHECK(look(-100) == 0);
  CHECK(slope == 0);
  CHECK(look(kInfinity) == kInfinity);
  CHECK(slope == 2);
  CHECK(look(-kInfinity) == 0);
  CHECK(slope == 0);
  CHECK(look(0) == Approx(std::log(2)));
  CHECK(slope == 1);
  CHECK(std::isnan(look(std::numeric_limits<float>::quiet_NaN())));
  CHECK(std::isnan(slope));
  double wrong = 0;
  for (float logit = -87.25f; logit < 20; logit += 0x1.3p-10f) {
    look(logit);
    wrong = std::max(wrong, std::abs(slope * (1 + std::exp(-double{logit})) / 2 - 1));
  }
  CHECK(wrong < 4e-7);
}

TEST_CASE("dropout has the same bits on every instruction set", "[kernels]") {
  const DropoutMask mask = make_dropout_mask(0x123456789abcdefull, 0.25);
  const std::vector<float> x = normals(1000, 4);
  std::vector<float> dropped(x.size());
  kernels::drop(x.data(), dropped.data(), 3, 1000, mask);
  for (uint32_t i = 3; i < 1000; ++i) {
    uint32_t h = i + mask.key_low;
    h = (h ^ (h >> 17)) * 0xed5ad4bbu;
    h = ((h ^ (h >> 11)) + mask.key_high) * 0xac4c1b51u;
    h = (h ^ (h >> 15)) * 0x31848babu;
    h ^= h >> 14;
    REQUIRE(dropped[i] == (h >= mask.threshold ? x[i] * mask.scale : 0.0f));
  }
  CHECK(dropped[2] == 0);
}

TEST_CASE("exponentials are right to 3e-7", "[kernels]") {
  // The logit is the first number of the item.
  constexpr int64_t kWidth = 16, kCount = 51200;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const kernels::LogitKernel& kernel = kernels::logit_kernel();
  const float shift = GENERATE(0.0f, 4000.0f, -kernels::kLargestShift);
  CAPTURE(shift);
  std::vector<float> vector(kWidth), panel(kernels::kPanel * kWidth), shifts(kernels::kPanel, shift), item(kWidth);
  vector[0] = 1;
  kernel.pack({vector.data(), 1, kWidth}, panel.data());
  kernels::LogitTile tile{nullptr, 1, 1};
  std::vector<float> line(static_cast<size_t>(tile.line()));
  tile.data = line.data();
  const auto power = [&](float logit) {
    item[0] = logit;
    kernel.exponentials(item.data(), panel.data(), kWidth, shifts.data(), tile);
    return line[0];
  };
  // From -126 to 127, with the halves between which a whole number is split off.
  double wrong = 0;
  for (int64_t i = 0; i < kCount; ++i) {
    const float logit = shift - 126 + 253 * static_cast<float>(i) / static_cast<float>(kCount - 1);
    wrong = std::max(wrong, std::abs(power(logit) / std::exp2(static_cast<double>(logit) - shift) - 1));
  }
  CHECK(wrong < 3e-7);
  CHECK((wrong > 0 || shift < 0));
  CHECK(power(shift) == 1);
  CHECK(power(shift - 126) == 0x1p-126f);
  CHECK(power(shift - 130) == 0x1p-126f);
  CHECK(power(-kInfinity) == 0x1p-126f);
  CHECK(power(shift + 127) == 0x1p127f);
  CHECK(power(shift + 5000) == 0x1p127f);
  CHECK(power(kInfinity) == 0x1p127f);
  item[1] = 1;  // times 0
  CHECK(power(shift + 3) == 8);
  item[1] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(power(shift)));
}

TEST_CASE("memory of the kernels begins at a cache line", "[kernels]") {
  for (const size_t count : {1, 3, 100, 100000}) {
    const AlignedVector<float> memory(count);
    CHECK(reinterpret_cast<uintptr_t>(memory.data()) % 64 == 0);
  }
}

TEST_CASE("a tile of logits by hand", "[kernels]") {
  // Items 1, 2 and vectors 3, -1, in the first of 16 numbers.
  constexpr int64_t kWidth = 16;
  std::vector<float> items(2 * kWidth), vectors(2 * kWidth), panels(kernels::kPanel * kWidth);
  items[0] = 1;
  items[kWidth] = 2;
  vectors[0] = 3;
  vectors[kWidth] = -1;
  kernels::LogitTile tile{nullptr, 2, 2};
  std::vector<float> logits(static_cast<size_t>(2 * tile.line()));
  tile.data = logits.data();
  const kernels::LogitKernel& kernel = kernels::logit_kernel();
  kernel.pack({vectors.data(), 2, kWidth}, panels.data());
  const auto numbers = [&] { return std::vector{logits[0], logits[1], logits[tile.line()], logits[tile.line() + 1]}; };
  std::vector<float> column(kernels::kPanel);
  const auto columns = [&column](float a, float b) {
    column[0] = a;
    column[1] = b;
    return column;
  };

  kernel.multiply(items.data(), panels.data(), kWidth, tile);
  CHECK(numbers() == std::vector<float>{3, -1, 6, -2});
  CHECK(kernel.dot(items.data() + kWidth, vectors.data(), kWidth) == 6);
  std::vector<float> products(9);
  const std::vector<int32_t> rows = {1, 0, 1, 1, 1, 0, 1, 1, 0};
  kernel.dots(vectors.data(), items.data(), rows.data(), 9, kWidth, products.data());
  CHECK(products == std::vector<float>{6, 3, 6, 6, 6, 3, 6, 6, 3});
  std::vector<int32_t> at_least(kernels::kPanel), unordered(kernels::kPanel);
  const std::vector<float> score = columns(6, -2);
  kernel.count(tile, 0, 2, {score.data(), at_least.data(), unordered.data()});
  kernel.count(tile, 1, 2, {score.data(), at_least.data(), unordered.data()});
  CHECK(at_least[0] == 2);
  CHECK(at_least[1] == 3);
  logits[0] = std::numeric_limits<float>::quiet_NaN();
  kernel.count(tile, 0, 1, {score.data(), at_least.data(), unordered.data()});
  CHECK(unordered[0] == 1);
  CHECK(at_least[0] == 2);
  logits[0] = 3;

  std::vector<float> top = columns(5, 0), total = columns(1, 0), sums(2 * kWidth, 8.0f);
  kernel.raise(tile, top.data());
  CHECK(std::vector{top[0], top[1]} == std::vector<float>{6, 0});
  const std::vector<float> shift = columns(6, 0);
  kernel.exponentials(items.data(), panels.data(), kWidth, shift.data(), tile);
  CHECK(numbers() == std::vector<float>{0.125, 0.5, 1, 0.25});
  kernel.add_up(tile, total.data());
  CHECK(std::vector{total[0], total[1]} == std::vector<float>{2.125, 0.75});
  kernel.add_to_columns(tile, {items.data(), 2, kWidth}, sums.data());
  CHECK(std::vector{sums[0], sums[1], sums[kWidth]} == std::vector<float>{8 + 2.125f, 8, 9});
  kernel.add_to_rows(tile, {vectors.data(), 2, kWidth}, sums.data());
  CHECK(std::vector{sums[0], sums[kWidth]} == std::vector<float>{10.125f - 0.125f, 9 + 2.75f});
}
