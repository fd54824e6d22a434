#include "base/util/random.h"

#include <bit>
#include <cmath>
#include <numbers>
#include <unordered_set>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ull;
__extension__ using Uint128 = unsigned __int128;

uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

}  // namespace

uint64_t derive_seed(uint64_t seed, std::string_view name, std::initializer_list<uint64_t> counters) {
  uint64_t state = mix64(seed + kGolden);
  state = mix64((state ^ fnv1a(name)) + kGolden);
  for (uint64_t counter : counters) state = mix64((state ^ counter) + kGolden);
  return state;
}

uint64_t Rng::below(uint64_t n) {
  // D. Lemire, "Fast random integer generation in an interval", 2019: the high half of a product is the draw, and the
  // few low halves that would make some draws more likely are rejected.
  Uint128 product = Uint128{next()} * n;
  if (static_cast<uint64_t>(product) < n) {
    const uint64_t rejected = -n % n;
    while (static_cast<uint64_t>(product) < rejected) product = Uint128{next()} * n;
  }
  return static_cast<uint64_t>(product >> 64);
}

double Rng::normal() {
  // Box-Muller; the second value of the pair is not kept, so that the generator's state stays one word.
  const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

// MT19937 of M. Matsumoto and T. Nishimura, seeded by their init_by_array with the 32-bit digits of the seed.
PythonRandom::PythonRandom(uint64_t seed) {
  constexpr uint32_t n = 624;
  const uint32_t digits[2] = {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  const uint32_t num_digits = digits[1] != 0 ? 2 : 1;

  state_[0] = 19650218u;
  for (uint32_t i = 1; i < n; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;

  uint32_t i = 1;
  const auto advance = [&] {
    if (++i == n) {
      state_[0] = state_[n - 1];
      i = 1;
    }
  };
  for (uint32_t k = 0, j = 0; k < n; ++k, j = (j + 1) % num_digits) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1664525u)) + digits[j] + j;
    advance();
  }
  for (uint32_t k = 0; k < n - 1; ++k) {
    state_[i] = (state_[i] ^ ((state_[i - 1] ^ (state_[i - 1] >> 30)) * 1566083941u)) - i;
    advance();
  }
  state_[0] = 0x80000000u;
}

uint32_t PythonRandom::next32() {
  constexpr int n = 624, m = 397;
  if (index_ == n) {
    for (int k = 0; k < n; ++k) {
      const uint32_t y = (state_[k] & 0x80000000u) | (state_[(k + 1) % n] & 0x7fffffffu);
      state_[k] = state_[(k + m) % n] ^ (y >> 1) ^ ((y & 1u) != 0 ? 0x9908b0dfu : 0u);
    }
    index_ = 0;
  }
  uint32_t y = state_[index_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680u;
  y ^= (y << 15) & 0xefc60000u;
  return y ^ (y >> 18);
}

uint64_t PythonRandom::below(uint64_t n) {
  const int bits = std::bit_width(n);
  for (;;) {
    uint64_t value = next32();
    if (bits <= 32) {
      value >>= 32 - bits;
    } else {
      value |= uint64_t{next32() >> (64 - bits)} << 32;
    }
    if (value < n) return value;
  }
}

int64_t PythonRandom::randint(int64_t low, int64_t high) {
  if (low > high) throw internal_error("PythonRandom::randint: empty range");
  const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low) + 1;
  return static_cast<int64_t>(static_cast<uint64_t>(low) + below(width));
}

std::vector<int64_t> PythonRandom::sample(int64_t population, int64_t k) {
  if (k < 0 || k > population) throw internal_error("PythonRandom::sample: sample larger than the population");
  // CPython draws from a shrinking pool where that takes less memory than a set of the indices drawn so far.
  int64_t set_size = 21;
  if (k > 5) {
    int64_t table = 1;
    while (table < 3 * k) table *= 4;
    set_size += table;
  }
  std::vector<int64_t> result(k);
  if (population <= set_size) {
    std::vector<int64_t> pool(population);
    for (int64_t i = 0; i < population; ++i) pool[i] = i;
    for (int64_t i = 0; i < k; ++i) {
      const auto j = below(population - i);
      result[i] = pool[j];
      pool[j] = pool[population - i - 1];
    }
  } else {
    std::unordered_set<int64_t> selected;
    for (int64_t& index : result) {
      do {
        index = static_cast<int64_t>(below(population));
      } while (!selected.insert(index).second);
    }
  }
  return result;
}

}  // namespace latentcrs
