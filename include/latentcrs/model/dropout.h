// Dropout from a counter-based generator: the mask of element i is a pure function of (seed, call, i), so a step gives
// the same bits for any number of threads and after a resume.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace latentcrs {

/// The dropout of one forward pass. Hand a fresh one (its own seed) to every pass; each application uses the next call
/// number. `Dropout::off()` is evaluation mode.
class Dropout {
 public:
  static Dropout off() { return Dropout(0, false); }
  explicit Dropout(uint64_t seed) : Dropout(seed, true) {}

  /// x with elements zeroed with probability p and the others scaled by 1/(1-p); differentiable. x itself when off, or
  /// when p is 0.
  at::Tensor operator()(const at::Tensor& x, double p);
  bool active() const { return active_; }
  /// The key of the next application's mask, for code that applies it by itself. Counts as an application.
  uint64_t next_key();

 private:
  Dropout(uint64_t seed, bool active) : seed_(seed), active_(active) {}
  uint64_t seed_;
  uint64_t call_ = 0;
  bool active_;
};

}  // namespace latentcrs
