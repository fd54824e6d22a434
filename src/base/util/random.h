// Random numbers without global state. Every stream is a pure function of (seed, names, counters), so nothing has to be
// saved to resume a run, and the result does not depend on the number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace latentcrs {

/// A 64-bit seed for the stream `name` with `counters` (epoch, step, …) under the run's `seed`.
/// Different names or counters give unrelated streams; the value is the same on every platform.
uint64_t derive_seed(uint64_t seed, std::string_view name, std::initializer_list<uint64_t> counters = {});

/// SplitMix64 finaliser: a bijection of 64-bit words with full avalanche; the building block of the streams here.
constexpr uint64_t mix64(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

/// A small sequential generator (SplitMix64) for shuffles, negatives and augmentations.
class Rng {
 public:
  explicit Rng(uint64_t seed) : state_(seed) {}

  /// The next 64 random bits.
  uint64_t next() { return mix64(state_ += 0x9e3779b97f4a7c15ull); }
  /// Uniform in [0, n), without bias; n > 0.
  uint64_t below(uint64_t n);
  /// Uniform in [0, 1).
  double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  /// Standard normal.
  double normal();
  /// Puts `v` into a random order (Fisher and Yates).
  template <class T>
  void shuffle(std::vector<T>& v) {
    for (size_t i = v.size(); i > 1; --i) std::swap(v[i - 1], v[below(i)]);
  }

 private:
  uint64_t state_;
};

/// CPython's `random` module, bit for bit: MT19937 seeded by init_by_array with an integer, `randint` by rejection on
/// getrandbits, `sample` by CPython's algorithm with a pool or a set. The published prompt splits were drawn with this
/// generator.
class PythonRandom {
 public:
  /// The state after random.seed(seed).
  explicit PythonRandom(uint64_t seed);
  /// random.randint(low, high) with both ends included; low <= high.
  int64_t randint(int64_t low, int64_t high);
  /// The indices that random.sample(range(population), k) returns; k <= population.
  std::vector<int64_t> sample(int64_t population, int64_t k);

 private:
  uint32_t next32();
  uint64_t below(uint64_t n);
  std::array<uint32_t, 624> state_{};
  int index_ = 624;
};

}  // namespace latentcrs
