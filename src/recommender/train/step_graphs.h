// Training steps as CUDA graphs. A small step is hundreds of kernels of a few microseconds, and launching them one by
// one takes longer than running them; a graph launches them all at once.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace latentcrs {

/// The way in which steps start on CUDA (setting `cuda_graphs`): their kernels one by one, or as one recorded graph.
enum class StepLaunch { one_by_one, recorded };

class StepGraphs {
 public:
  using Tensors = std::vector<at::Tensor>;
  /// The work of a step on its inputs; its result is one tensor.
  using Step = std::function<at::Tensor(const Tensors& inputs)>;

  /// Graphs are recorded if `launch` says so, on CUDA devices, by a program built with LibTorch 2 for CUDA. Otherwise
  /// every step simply runs.
  StepGraphs(c10::Device device, StepLaunch launch);
  ~StepGraphs();
  StepGraphs(const StepGraphs&) = delete;
  StepGraphs& operator=(const StepGraphs&) = delete;

  bool recording() const { return recording_; }
  /// Runs `step` on `inputs` (undefined ones are allowed) and returns its result, which the next call may overwrite.
  /// While recording, the first call for a key and sizes of inputs runs the step, the second records it, and further
  /// ones launch the recording. Steps with the same key must therefore do the same work: host-side scalars are
  /// frozen as they were, and whatever else the step reads or writes must stay where it is in memory. Random numbers of
  /// the device's default generator follow its seed at each launch, so that a launch gives the bits that running would.
  at::Tensor run(const std::string& key, const Tensors& inputs, const Step& step);
  /// Forgets all recordings: call it when something that steps use is replaced, such as an optimizer.
  void clear();

 private:
  struct Recording;
  struct Recordings;
  bool recording_;
  std::unique_ptr<Recordings> recordings_;
};

}  // namespace latentcrs
