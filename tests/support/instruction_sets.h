// Comparing the kernels for AVX2 with those for AVX-512, bit by bit.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "base/util/random.h"
#include "numerics/linalg/instruction_set.h"

namespace latentcrs::test {

using Numbers = std::vector<float>;

inline Numbers normals(int64_t count, uint64_t seed, float scale = 1) {
  Rng rng(seed);
  Numbers values(static_cast<size_t>(count));
  for (float& value : values) value = scale * static_cast<float>(rng.normal());
  return values;
}

/// Calls `results` with AVX2 and with AVX-512 and compares the numbers that it returns. On a processor that does not
/// have both it warns and compares nothing.
template <class Results>
void check_same_bits(Results results) {
  const std::vector<InstructionSet> runnable = runnable_instruction_sets();
  for (const InstructionSet set : {InstructionSet::avx2, InstructionSet::avx512})
    if (std::find(runnable.begin(), runnable.end(), set) == runnable.end()) {
      WARN("this processor does not have both AVX2 and AVX-512: nothing is compared");
      return;
    }
  const Numbers a = results(InstructionSet::avx2), b = results(InstructionSet::avx512);
  REQUIRE(a.size() == b.size());
  size_t differ = 0;
  for (size_t i = 0; i < a.size(); ++i) differ += std::memcmp(&a[i], &b[i], sizeof(float)) != 0;
  CHECK(differ == 0);
}

}  // namespace latentcrs::test
