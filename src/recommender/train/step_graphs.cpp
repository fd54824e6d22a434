#include "recommender/train/step_graphs.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#if LATENTCRS_CUDA_GRAPHS
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace latentcrs {

#if LATENTCRS_CUDA_GRAPHS

namespace {

StepGraphs::Tensors copies(const StepGraphs::Tensors& tensors) {
  StepGraphs::Tensors copies;
  for (const at::Tensor& tensor : tensors) copies.push_back(tensor.defined() ? tensor.clone() : tensor);
  return copies;
}

std::string with_sizes(std::string key, const StepGraphs::Tensors& inputs) {
  for (const at::Tensor& input : inputs)
    key += input.defined() ? fmt::format(" [{}]", fmt::join(input.sizes(), ",")) : " -";
  return key;
}

}  // namespace

/// A graph with the tensors that it reads and writes.
struct StepGraphs::Recording {
  Tensors inputs;
  at::Tensor result;
  std::unique_ptr<at::cuda::CUDAGraph> graph;

  void record(const Step& step, const c10::cuda::CUDAStream& aside, c10::MempoolId_t pool) {
    auto recorded = std::make_unique<at::cuda::CUDAGraph>();
    c10::cuda::device_synchronize();
    {
      const c10::cuda::CUDAStreamGuard guard(aside);
      recorded->capture_begin(pool);
      try {
        result.copy_(step(inputs));
      } catch (...) {
        recorded->capture_end();
        throw;
      }
      recorded->capture_end();
    }
    c10::cuda::device_synchronize();
    graph = std::move(recorded);
  }
};

struct StepGraphs::Recordings {
  /// CUDA cannot record on the default stream. Recordings on one other stream share the pool's memory.
  c10::cuda::CUDAStream aside;
  c10::MempoolId_t pool = at::cuda::graph_pool_handle();  // recordings keep nothing in it from launch to launch
  std::map<std::string, Recording> by_key = {};

  void clear() {
    by_key.clear();
    pool = at::cuda::graph_pool_handle();  // the old one ends with its last graph
  }
};

StepGraphs::StepGraphs(c10::Device device, StepLaunch launch)
    : recording_(launch == StepLaunch::recorded && device.is_cuda()) {
  if (recording_)
    recordings_ =
        std::make_unique<Recordings>(Recordings{.aside = c10::cuda::getStreamFromPool(false, device.index())});
}

at::Tensor StepGraphs::run(const std::string& key, const Tensors& inputs, const Step& step) {
  if (!recording_) return step(inputs);
  const auto [found, first] = recordings_->by_key.try_emplace(with_sizes(key, inputs));
  Recording& recording = found->second;
  if (first) {
    recording.inputs = copies(inputs);
    recording.result = step(recording.inputs).clone();
    return recording.result;
  }
  for (size_t i = 0; i < inputs.size(); ++i)
    if (inputs[i].defined()) recording.inputs[i].copy_(inputs[i]);
  if (recording.graph == nullptr) recording.record(step, recordings_->aside, recordings_->pool);
  recording.graph->replay();
  return recording.result;
}

void StepGraphs::clear() {
  if (recording_) recordings_->clear();
}

#else

struct StepGraphs::Recordings {};

StepGraphs::StepGraphs(c10::Device, StepLaunch) : recording_(false) {}
at::Tensor StepGraphs::run(const std::string&, const Tensors& inputs, const Step& step) { return step(inputs); }
void StepGraphs::clear() {}

#endif

StepGraphs::~StepGraphs() = default;

}  // namespace latentcrs
