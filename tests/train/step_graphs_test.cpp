#include "recommender/train/step_graphs.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "numerics/linalg/dropout.h"
#include "support/device.h"

using latentcrs::Dropout;
using latentcrs::StepGraphs;
using latentcrs::StepLaunch;
using latentcrs::test::test_device;

namespace {

at::Tensor numbers(std::initializer_list<float> values) {
  return at::tensor(std::vector<float>(values)).to(test_device());
}

}  // namespace

TEST_CASE("a step sees its inputs and what it keeps, whether it runs or is launched", "[step_graphs][device]") {
  StepGraphs graphs(test_device(), StepLaunch::recorded);
  CHECK(graphs.recording() == !test_device().is_cpu());
  at::Tensor total = numbers({0, 0});
  int ran = 0;
  const auto add = [&](const StepGraphs::Tensors& inputs) {
    ++ran;
    total.add_(inputs[0]);
    return inputs[1].defined() ? total.sum() + inputs[1] : total.sum();
  };
  for (int i = 1; i <= 5; ++i) {
    const float x = static_cast<float>(i);
    const at::Tensor result = graphs.run("add", {numbers({x, 2 * x}), at::Tensor()}, add);
    CHECK(result.item<float>() == 3 * x * (x + 1) / 2);
  }
  CHECK(total[1].item<float>() == 30);
  CHECK(ran == (graphs.recording() ? 2 : 5));  // run, then recorded
  // Another key or other sizes are other steps.
  CHECK(graphs.run("add", {numbers({1, 1}), numbers({100})}, add).item<float>() == 147);
  graphs.clear();
  CHECK(graphs.run("add", {numbers({1, 1}), at::Tensor()}, add).item<float>() == 49);
}

TEST_CASE("a launched step draws anew, as a step that runs does", "[step_graphs][device]") {
  StepGraphs graphs(test_device(), StepLaunch::recorded), none(test_device(), StepLaunch::one_by_one);
  const at::Tensor x = at::ones({64, 64}).to(test_device());
  for (const uint64_t seed : {1, 2, 3, 2}) {
    const auto masked = [&](StepGraphs& how) {
      Dropout dropout(seed, test_device());
      return how.run("drop", {x}, [&](const StepGraphs::Tensors& inputs) { return dropout(inputs[0], 0.5); }).clone();
    };
    CHECK(at::equal(masked(graphs), masked(none)));
  }
}
