// Adam (Kingma & Ba 2015) as torch.optim.Adam computes it, one fused pass over each parameter, with a state that can be
// saved.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/config/em_options.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

class Adam {
 public:
  /// Parameters are leaf tensors updated in place; names key the saved state.
  Adam(std::vector<std::pair<std::string, at::Tensor>> parameters, double learning_rate, const OptimOptions& options);

  /// One step. A parameter without a gradient is left alone and keeps its own step count (as in PyTorch). On CUDA the
  /// learning rate is the only host-side scalar in it, so that it can be recorded (recommender/train/step_graphs.h).
  void step();
  /// Drops the gradients (undefined, not zero).
  void clear_gradients();
  void set_learning_rate(double learning_rate) { learning_rate_ = learning_rate; }
  double learning_rate() const { return learning_rate_; }
  /// Tells this optimizer's state from that of any other, also of one that took its place in memory.
  const std::shared_ptr<const void>& identity() const { return identity_; }

  /// exp_avg.<name>, exp_avg_sq.<name>, step.<name>, on the CPU. Tensors that are there already are not copied, so they
  /// must be written before the next step. Restoring gives bit-identical further steps.
  StateDict state() const;
  void load_state(const StateDict& state);

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter, exp_avg, exp_avg_sq;
    int64_t step = 0;
    at::Tensor device_step;  // in its place on CUDA, [1] float32
  };
  void step_on_cuda();

  std::vector<Slot> slots_;
  std::shared_ptr<const void> identity_ = std::make_shared<char>();
  double learning_rate_;
  OptimOptions options_;
};

}  // namespace latentcrs
