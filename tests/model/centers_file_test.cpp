#include "recommender/model/centers_file.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

at::Tensor read_back(const at::Tensor& centers) {
  const TempDir folder;
  write_npy(centers, folder / "centers.npy");
  return read_centers(folder / "centers.npy");
}

}  // namespace

TEST_CASE("centres of length 1 keep their bits", "[centers]") {
  const at::Tensor units = at::tensor({0.6F, 0.8F, 0.0F, -1.0F, 1.0F / 3, 2.0F}).view({3, 2});
  const at::Tensor normal = units / units.norm(2, 1, true);
  CHECK(at::equal(read_back(normal), normal));
}

TEST_CASE("centres of other lengths are normalised, and come as float32", "[centers]") {
  const auto type = GENERATE(at::kFloat, at::kDouble);
  const at::Tensor raw = at::tensor({3.0, 4.0, 0.0, -0.25, 0.6, 0.8}, at::TensorOptions(type)).view({3, 2});
  const at::Tensor read = read_back(raw);
  CHECK(read.scalar_type() == at::kFloat);
  // The first row is (3, 4) / 5, the second (0, -0.25) / 0.25; the third is of length 1 as it stands.
  CHECK(difference(read, at::tensor({0.6F, 0.8F, 0.0F, -1.0F, 0.6F, 0.8F}).view({3, 2}), kExact) == "");
}

TEST_CASE("a file that holds no centres is refused by name", "[centers]") {
  const auto refused = [](const at::Tensor& centers, const std::string& reason) {
    CHECK_THROWS_WITH(read_back(centers), Contains("centers.npy holds " + reason));
  };
  refused(at::ones({2, 2}, at::kLong), "numbers of type Long");
  refused(at::ones({2, 2}, at::kInt), "numbers of type Int");
  refused(at::zeros({0, 2}), "[0, 2] numbers");
  refused(at::zeros({2, 0}), "[2, 0] numbers");
  refused(at::ones({4}), "[4] numbers");
  refused(at::ones({2, 2, 1}), "[2, 2, 1] numbers");
  refused(at::tensor({1.0F, 0.0F, 0.0F, 0.0F}).view({2, 2}), "an intent centre of length 0");
  refused(at::tensor({1.0F, 0.0F, std::nanf(""), 0.0F}).view({2, 2}), "a value that is not finite");
}
