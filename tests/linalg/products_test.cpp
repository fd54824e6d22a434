#include "numerics/linalg/products.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>
#include <numeric>
#include <regex>

#include "base/util/random.h"
#include "numerics/linalg/kernels/logits.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

at::Tensor numbers(int64_t rows, int64_t columns, uint64_t seed) {
  at::Tensor t = at::empty({rows, columns}, at::kFloat);
  Rng rng(seed);
  for (int64_t i = 0; i < t.numel(); ++i) t.data_ptr<float>()[i] = static_cast<float>(rng.normal());
  return t;
}

/// The same numbers, column after column in memory.
at::Tensor turned(const at::Tensor& t) { return t.t().contiguous().t(); }

/// The largest error against a product in double precision, as a share of the sum of its terms' magnitudes.
double error(const at::Tensor& ours, const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.to(at::kDouble), y = b.to(at::kDouble);
  const at::Tensor wrong = (ours.to(at::kDouble) - at::mm(x, y)).abs();
  return (wrong / (at::mm(x.abs(), y.abs()) + 1e-30)).max().item<double>();
}

constexpr double kTolerance = 2e-6;  // sums of up to 1,000 terms in float32

struct Threads {
  explicit Threads(int count) : before(at::get_num_threads()) { at::set_num_threads(count); }
  ~Threads() { at::set_num_threads(before); }
  int before;
};

}  // namespace

TEST_CASE("packed_product agrees with a product in double precision", "[model][kernels]") {
  struct Size {
    int64_t m, n, k;
  };
  for (const Size size : {Size{1, 1, 1},
                          {3, 5, 2},
                          {14, 32, 384},
                          {15, 33, 385},
                          {29, 7, 1000},
                          {113, 257, 5},
                          {230, 300, 771},
                          {6, 16, 4},
                          {1100, 40, 30},
                          {2, 700, 3},
                          {500, 3, 9}}) {
    CAPTURE(size.m, size.n, size.k);
    const at::Tensor a = numbers(size.m, size.k, 1), b = numbers(size.k, size.n, 2);
    CHECK(error(packed_product(a, b), a, b) < kTolerance);
    CHECK(error(packed_product(a, turned(b)), a, b) < kTolerance);
    CHECK(error(packed_product(turned(a), b), a, b) < kTolerance);
    CHECK(at::equal(packed_product(turned(a), turned(b)), packed_product(a, b)));
  }
}

TEST_CASE("tiles of logits have the bits of packed_product", "[model][kernels]") {
  const kernels::LogitKernel& kernel = kernels::logit_kernel();
  for (const int64_t width : {1, 16, 50, 64, 400}) {
    CAPTURE(width);
    constexpr int64_t kRows = 33, kColumns = 70;
    const at::Tensor items = numbers(kRows, width, 1), vectors = numbers(kColumns, width, 2);
    const at::Tensor expected = packed_product(items, vectors.t());
    std::vector<float> panels(static_cast<size_t>(kernels::whole_panels(kColumns) * width));
    kernels::LogitTile tile{nullptr, kRows, kColumns};
    const at::Tensor logits = at::empty({kRows, tile.line()}, at::kFloat);
    tile.data = logits.data_ptr<float>();
    kernel.pack({vectors.data_ptr<float>(), kColumns, width}, panels.data());
    kernel.multiply(items.data_ptr<float>(), panels.data(), width, tile);
    CHECK(at::equal(logits.narrow(1, 0, kColumns), expected));
    CHECK(kernel.dot(items.data_ptr<float>(), vectors.data_ptr<float>(), width) == expected[0][0].item<float>());
    std::vector<int32_t> rows(kRows);
    std::iota(rows.begin(), rows.end(), 0);
    const at::Tensor products = at::empty({kRows}, at::kFloat);
    kernel.dots(vectors.data_ptr<float>(), items.data_ptr<float>(), rows.data(), kRows, width,
                products.data_ptr<float>());
    CHECK(at::equal(products, expected.select(1, 0)));
  }
}

TEST_CASE("packed_product takes parts of matrices and empty ones", "[model][kernels]") {
  const at::Tensor a = numbers(40, 50, 3), b = numbers(50, 60, 4);
  const at::Tensor inside = a.narrow(0, 5, 20).narrow(1, 3, 30), right = b.narrow(0, 7, 30).narrow(1, 1, 45);
  CHECK(error(packed_product(inside, right), inside, right) < kTolerance);
  const at::Tensor apart = numbers(40, 100, 5).slice(1, 0, 100, 2);  // neither stride is 1
  CHECK(error(packed_product(apart, b), apart, b) < kTolerance);
  CHECK(packed_product(numbers(0, 4, 1), numbers(4, 3, 1)).sizes() == at::IntArrayRef({0, 3}));
  CHECK(at::equal(packed_product(numbers(2, 0, 1), numbers(0, 3, 1)), at::zeros({2, 3})));
}

TEST_CASE("packed_gram has the bits of packed_product for any number of threads", "[model][kernels]") {
  for (const int64_t rows : {1, 13, 64, 129, 530, 1100})
    for (const int64_t width : {1, 70, 800}) {
      CAPTURE(rows, width);
      const at::Tensor z = numbers(rows, width, 14), expected = packed_product(z, z.t());
      for (const int count : {1, 3}) {
        const Threads threads(count);
        CHECK(at::equal(packed_gram(z), expected));
        CHECK(at::equal(packed_gram(turned(z)), expected));
      }
    }
  CHECK(packed_gram(numbers(0, 4, 1)).sizes() == at::IntArrayRef({0, 0}));
  CHECK(at::equal(packed_gram(numbers(2, 0, 1)), at::zeros({2, 2})));
}

TEST_CASE("packed_product widens float16 and bfloat16 as LibTorch does", "[model][kernels]") {
  const at::Tensor b = numbers(90, 37, 6);
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16}) {
    CAPTURE(type);
    const at::Tensor a = numbers(33, 90, 7).to(type);
    CHECK(at::equal(packed_product(a, b), packed_product(a.to(at::kFloat), b)));
    CHECK(at::equal(packed_product(b.t(), turned(a).t()), packed_product(b.t(), a.to(at::kFloat).t())));
  }
  // Every float16 is widened alone and as part of a line.
  at::Tensor bits = at::arange(65536, at::kInt).to(at::kShort).view(at::kHalf).view({65536, 1});
  const at::Tensor one = at::ones({1, 1});
  for (const at::Tensor& wide : {packed_product(bits, one), packed_product(one, bits.t()).t()}) {
    const at::Tensor expected = bits.to(at::kFloat);
    CHECK(at::equal(wide.isnan(), expected.isnan()));
    CHECK(at::equal(wide.nan_to_num(0), expected.nan_to_num(0)));
  }
}

TEST_CASE("packed_product has the same bits for any number of threads", "[model][kernels]") {
  const at::Tensor a = numbers(301, 800, 8), b = numbers(800, 530, 9);
  at::Tensor one, three;
  {
    const Threads threads(1);
    one = packed_product(a, b);
  }
  {
    const Threads threads(3);
    three = packed_product(a, b);
  }
  CHECK(at::equal(one, three));
}

TEST_CASE("wide_linear's gradient is that of a linear layer, from texts of every type", "[model][kernels]") {
  for (const int64_t width : {70, 900}) {  // small enough for LibTorch, and packed
    const at::Tensor weight = numbers(64, width, 10).set_requires_grad(true), upstream = numbers(21, 64, 11);
    for (const at::ScalarType type : {at::kFloat, at::kHalf, at::kBFloat16}) {
      CAPTURE(width, type);
      const at::Tensor x = numbers(21, width, 12).to(type), y = wide_linear(x, weight);
      weight.mutable_grad().reset();
      (y * upstream).sum().backward();
      CHECK(y.scalar_type() == at::kFloat);
      CHECK(error(y.detach(), x, weight.detach().t()) < kTolerance);
      CHECK(error(weight.grad(), upstream.t(), x) < kTolerance);
    }
  }
}

TEST_CASE("products.h names every source that calls LibTorch's products itself", "[kernels]") {
  const std::regex call(
      R"(at::(mm|mm_out|bmm|matmul|linear|addmm|baddbmm|einsum|mv|dot)\(|\.(mm|bmm|matmul|addmm_?|mv)\()");
  const std::filesystem::path root = test::source_path("src");
  const std::string header = test::read_text(root / "numerics/linalg/products.h");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().lexically_relative(root).string();
    if (entry.path().extension() != ".cpp" || name.starts_with("numerics/linalg/")) continue;
    if (!std::regex_search(test::read_text(entry.path()), call)) continue;
    CAPTURE(name);
    CHECK(header.find(name) != std::string::npos);
  }
}
