// Comparing tensors in tests, and loading the fixtures of tests/parity.
#pragma once

#include <ATen/ATen.h>

#include <stdexcept>
#include <string>

#include "numerics/tensor/tensor_file.h"
#include "support/device.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

/// Tolerances: |actual - expected| <= absolute + relative |expected|, as numpy.allclose has it.
struct Tolerance {
  double relative = 1e-5;
  double absolute = 1e-6;
};
inline constexpr Tolerance kExact{0, 0};

/// Empty if the tensors have the same sizes and close values (NaN equals NaN), else a description of the first
/// difference. Types may differ, because values are compared as doubles. Example: CHECK(difference(states,
/// fixture_tensor, {1e-5, 1e-6}) == "");
inline std::string difference(const at::Tensor& actual, const at::Tensor& expected, Tolerance tolerance = {}) {
  auto sizes = [](const at::Tensor& t) {
    std::string text = "[";
    for (int64_t n : t.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(n);
    return text + "]";
  };
  if (actual.sizes() != expected.sizes()) return "sizes " + sizes(actual) + " instead of " + sizes(expected);
  at::Tensor a = actual.detach().to(at::kCPU, at::kDouble).reshape({-1});
  at::Tensor e = expected.detach().to(at::kCPU, at::kDouble).reshape({-1});
  at::Tensor bad =
      at::isclose(a, e, tolerance.relative, tolerance.absolute, true).logical_not().nonzero().reshape({-1});
  if (bad.numel() == 0) return "";
  int64_t first = bad[0].item<int64_t>(), rest = first;
  std::string index;
  for (int64_t dim = expected.dim(); dim-- > 0; rest /= expected.size(dim)) {
    index = std::to_string(rest % expected.size(dim)) + (index.empty() ? "" : ", ") + index;
  }
  char text[256];
  std::snprintf(text, sizeof text, "[%s] is %.9g instead of %.9g; %lld of %lld differ, largest difference %.3g",
                index.c_str(), a[first].item<double>(), e[first].item<double>(), static_cast<long long>(bad.numel()),
                static_cast<long long>(a.numel()), (a - e).abs().max().item<double>());
  return text;
}

/// Loads tests/parity/<name>.pt to the tests' device; docs/method.md, section 12, describes the contents.
inline StateDict fixture(const std::string& name) {
  StateDict state = read_state_dict(source_path("tests/parity/" + name + ".pt"));
  for (auto& [key, tensor] : state) tensor = tensor.to(test_device());
  return state;
}

/// The tensor `name`. Throws if the fixture has none, so that a misspelt name fails its test.
inline const at::Tensor& get(const StateDict& state, const std::string& name) {
  const at::Tensor* found = find(state, name);
  if (found == nullptr) throw std::out_of_range("the fixture has no tensor " + name);
  return *found;
}

}  // namespace latentcrs::test
