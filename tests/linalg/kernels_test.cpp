#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "linalg/kernels/drop.h"
#include "linalg/kernels/pairs.h"
#include "util/random.h"

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
  for (const int64_t width : {1, 15, 64, 70}) {
    constexpr int64_t kItems = 40, kCount = 1100;
    const std::vector<float> items = normals(kItems * width, 1), vector = normals(width, 2),
                             weights = normals(kCount, 3);
    std::vector<int32_t> rows(kCount);
    for (int64_t j = 0; j < kCount; ++j) rows[j] = static_cast<int32_t>(j * 7 % kItems);
    INFO("width " << width);

    std::vector<float> logits(kCount), sum(width, 1.0f);
    kernel.dot_rows(vector.data(), items.data(), rows.data(), kCount, width, logits.data());
    kernel.add_rows(weights.data(), items.data(), rows.data(), kCount, width, sum.data());
    std::vector<double> expected(width, 1.0);
    double softplus = 0;
    for (int64_t j = 0; j < kCount; ++j) {
      double logit = 0;
      for (int64_t d = 0; d < width; ++d) {
        const double item = items[rows[j] * width + d];
        logit += item * vector[d];
        expected[d] += item * weights[j];
      }
      softplus += std::log1p(std::exp(logit));
      REQUIRE(logits[j] == Approx(logit).margin(1e-5));
    }
    for (int64_t d = 0; d < width; ++d) REQUIRE(sum[d] == Approx(expected[d]).margin(1e-3));

    std::vector<float> exponentials, slopes = logits;
    for (const float x : logits) exponentials.push_back(std::exp(-std::abs(x)));
    CHECK(kernel.softplus_sum(logits.data(), exponentials.data(), kCount) == Approx(softplus));
    kernel.to_slopes(slopes.data(), exponentials.data(), kCount, 3);
    for (int64_t j = 0; j < kCount; ++j) REQUIRE(slopes[j] == Approx(3 / (1 + std::exp(-double{logits[j]}))));
  }
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
