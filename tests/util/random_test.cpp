#include "base/util/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <set>

#include "base/util/error.h"

using namespace latentcrs;

// The expected numbers below were printed by CPython 3.11 (random.seed, randint, sample).

TEST_CASE("PythonRandom seeds from one or two 32-bit digits", "[random]") {
  const auto first_word = [](uint64_t seed) { return PythonRandom(seed).randint(0, 0x7ffffffe); };  // 31 of 32 bits
  CHECK(first_word(0) == 3626764237u >> 1);
  CHECK(first_word(1) == 577090037u >> 1);
  CHECK(first_word(1755) == 3238997754u >> 1);
  CHECK(first_word(0xffffffffu) == 2728839433u >> 1);
  CHECK(first_word((uint64_t{1} << 32) + 5) == 675479763u >> 1);
  CHECK(first_word((uint64_t{1} << 63) + 11) == 1560446067u >> 1);
}

TEST_CASE("PythonRandom randint equals CPython", "[random]") {
  PythonRandom random(1755);
  std::vector<int64_t> drawn;
  for (int64_t width : {int64_t{0}, int64_t{1}, int64_t{2}, int64_t{10}, int64_t{100}, int64_t{1000}, int64_t{1} << 31,
                        (int64_t{1} << 32) - 1, int64_t{1} << 32, int64_t{1} << 40}) {
    drawn.push_back(random.randint(4, 4 + width));
  }
  CHECK(drawn == std::vector<int64_t>{4, 5, 5, 5, 30, 216, 1575922856, 998265926, 299032144, 951936298756});
  drawn.clear();
  for (int i = 0; i < 8; ++i) drawn.push_back(random.randint(-5, 5));
  CHECK(drawn == std::vector<int64_t>{1, -3, 5, -3, 1, -2, -2, 1});
  CHECK_THROWS_AS(random.randint(2, 1), Error);
}

TEST_CASE("PythonRandom goes on after its state is used up", "[random]") {
  PythonRandom random(5);
  std::vector<int64_t> words;  // 31-bit draws: the upper bits of one word each
  for (int i = 0; i < 1300; ++i) words.push_back(random.randint(0, 0x7ffffffe));
  CHECK(words[623] == 2959306914u >> 1);
  CHECK(words[624] == 3041615143u >> 1);
  CHECK(words[1299] == 1638843205u >> 1);
}

TEST_CASE("PythonRandom sample equals CPython on both sides of the pool limit", "[random]") {
  const auto sample = [](uint64_t seed, int64_t population, int64_t k) {
    return PythonRandom(seed).sample(population, k);
  };
  using Indices = std::vector<int64_t>;
  CHECK(sample(1024, 6034, 8) == Indices{156, 3960, 3190, 2647, 4258, 822, 3646, 4201});
  CHECK(sample(1024, 30, 6) == Indices{25, 0, 15, 12, 10, 16});
  CHECK(sample(1024, 20, 5) == Indices{0, 15, 12, 10, 3});
  CHECK(sample(7, 85, 6) == Indices{41, 19, 50, 6, 9, 68});  // pool
  CHECK(sample(7, 86, 6) == Indices{41, 19, 50, 83, 6, 9});  // set
  CHECK(sample(7, 21, 5) == Indices{10, 4, 12, 1, 2});       // pool
  CHECK(sample(7, 22, 5) == Indices{10, 4, 12, 20, 1});      // set
  CHECK(sample(7, 10, 10) == Indices{5, 2, 6, 9, 0, 7, 4, 1, 3, 8});
  const Indices users = sample(1024, 6034, 500);
  CHECK(std::accumulate(users.begin(), users.end(), int64_t{0}) == 1465455);
  CHECK(users.back() == 5467);
  CHECK_THROWS_AS(sample(1, 3, 4), Error);
}

TEST_CASE("derive_seed separates seeds, names and counters", "[random]") {
  const std::set<uint64_t> seeds = {
      derive_seed(1, "a"),         derive_seed(2, "a"),         derive_seed(1, "b"),
      derive_seed(1, "a", {0}),    derive_seed(1, "a", {1}),    derive_seed(1, "a", {0, 1}),
      derive_seed(1, "a", {1, 0}), derive_seed(1, "a", {0, 0}), derive_seed(0, "")};
  CHECK(seeds.size() == 9);
  CHECK(derive_seed(1, "a", {3, 4}) == derive_seed(1, "a", {3, 4}));
  // Computed in Python; the results of every run depend on these values.
  CHECK(derive_seed(42, "pretrain", {3, 7}) == 7518157228067507056ull);
  CHECK(Rng(0).next() == 0xe220a8397b1dcdafull);  // first output of SplitMix64 seeded with 0
}

TEST_CASE("Rng::below covers its range evenly", "[random]") {
  Rng rng(7);
  std::vector<int> counts(6);
  for (int i = 0; i < 60000; ++i) ++counts[rng.below(6)];
  for (int count : counts) CHECK(std::abs(count - 10000) < 500);  // 5 standard deviations are 456
  CHECK(Rng(3).below(1) == 0);
  // For a large n a biased draw would show: of [0, 3 * 2^62) a third lies below 2^62.
  int low = 0;
  for (int i = 0; i < 30000; ++i) low += rng.below(3ull << 62) < (1ull << 62);
  CHECK(std::abs(low - 10000) < 500);
}

TEST_CASE("Rng::uniform and normal have the right moments", "[random]") {
  Rng rng(11);
  double sum = 0, squares = 0, uniform = 0;
  for (int i = 0; i < 40000; ++i) {
    const double z = rng.normal();
    sum += z;
    squares += z * z;
    const double u = rng.uniform();
    REQUIRE((u >= 0 && u < 1));
    uniform += u;
  }
  CHECK(sum / 40000 == Approx(0).margin(0.025));
  CHECK(squares / 40000 == Approx(1).margin(0.035));
  CHECK(uniform / 40000 == Approx(0.5).margin(0.01));
}

TEST_CASE("Rng::shuffle permutes and depends on the seed", "[random]") {
  std::vector<int> a(50), b(50);
  std::iota(a.begin(), a.end(), 0);
  b = a;
  Rng(1).shuffle(a);
  Rng(2).shuffle(b);
  CHECK(a != b);
  std::sort(a.begin(), a.end());
  CHECK(std::adjacent_find(a.begin(), a.end()) == a.end());
  CHECK((a.front() == 0 && a.back() == 49));
}
