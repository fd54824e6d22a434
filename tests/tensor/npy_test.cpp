#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "numerics/tensor/tensor_file.h"
#include "support/temp_dir.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Matchers::Contains;

namespace {

/// The bytes that numpy.save writes for a header and numbers.
std::string npy(std::string header, const std::string& numbers) {
  header += std::string(117 - header.size(), ' ') + "\n";
  return std::string("\x93NUMPY\x01\0\x76\0", 10) + header + numbers;
}

}  // namespace

TEST_CASE(".npy files keep type, shape and numbers", "[npy]") {
  TempDir folder;
  at::ScalarType type = GENERATE(at::kFloat, at::kDouble, at::kLong, at::kInt);
  std::vector<int64_t> shape =
      GENERATE(std::vector<int64_t>{}, std::vector<int64_t>{6}, std::vector<int64_t>{2, 3}, std::vector<int64_t>{0, 3});
  at::Tensor tensor = at::arange(at::empty(shape).numel(), at::TensorOptions(type)).reshape(shape);
  write_npy(tensor, folder / "x.npy");
  at::Tensor copy = read_npy(folder / "x.npy");
  CHECK(copy.scalar_type() == type);
  CHECK(difference(copy, tensor, kExact) == "");
}

TEST_CASE(".npy files are NumPy's byte for byte", "[npy]") {
  TempDir folder;
  write_npy(at::tensor({1.0f, 2.0f}).unsqueeze(1), folder / "x.npy");
  std::string numbers("\0\0\x80\x3f\0\0\0\x40", 8);
  CHECK(read_text(folder / "x.npy") == npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }", numbers));
}

TEST_CASE("malformed .npy files are refused", "[npy]") {
  TempDir folder;
  auto read = [&](const std::string& bytes) {
    write_text(folder / "x.npy", bytes);
    return read_npy(folder / "x.npy");
  };
  const std::string eight(8, '\0');
  REQUIRE(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", eight)).numel() == 2);
  CHECK_THROWS_WITH(read("NUMPY"), Contains("x.npy: not a NumPy file"));
  CHECK_THROWS_WITH(read(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }", eight)), Contains("C order"));
  CHECK_THROWS_WITH(read(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }", eight)), Contains("'>f4'"));
  CHECK_THROWS_WITH(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", eight)),
                    Contains("has 8 bytes of numbers, its shape needs 12"));
  CHECK_THROWS_WITH(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", eight)), Contains("shape"));
  CHECK_THROWS_WITH(read(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2x), }", eight)), Contains("shape"));
  CHECK_THROWS_WITH(read(npy("{'descr': '<f4', 'fortran_order': False}", eight)), Contains("no shape"));
  std::string whole = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", eight);
  for (size_t size = 0; size < whole.size(); ++size) CHECK_THROWS_AS(read(whole.substr(0, size)), Error);
}
