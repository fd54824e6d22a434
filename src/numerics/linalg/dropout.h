// Dropout from counter-based generators. On the CPU the mask of element i is a pure function of (seed, call, i), on a
// GPU a function of (seed, the calls before, i), so that a step gives the same bits for any number of threads and after
// a resume.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

namespace latentcrs {

/// The dropout of one forward pass: every pass gets an object with a seed of its own, and each application takes the
/// next call number. `Dropout::off()` is evaluation mode.
class Dropout {
 public:
  static Dropout off() { return Dropout(0, c10::kCPU, false); }
  /// For tensors on `device`. On a GPU it seeds the device's default generator, from which its applications draw, so
  /// that only the newest object may be used there.
  explicit Dropout(uint64_t seed, c10::Device device = c10::kCPU);

  /// Zeroes elements of x with probability p and scales the others by 1/(1-p); differentiable. Returns x itself when
  /// off or when p is 0.
  at::Tensor operator()(const at::Tensor& x, double p);
  bool active() const { return active_; }
  /// p, or 0 when off: for an operator on this object's GPU that applies dropout itself, with the default generator.
  double on_device(double p) const;
  /// The key of the next application's mask, for code on the CPU that applies the mask itself. The call counts as an
  /// application.
  uint64_t next_key();

 private:
  Dropout(uint64_t seed, c10::Device device, bool active) : seed_(seed), device_(device), active_(active) {}
  uint64_t seed_;
  c10::Device device_;
  uint64_t call_ = 0;
  bool active_;
};

}  // namespace latentcrs
