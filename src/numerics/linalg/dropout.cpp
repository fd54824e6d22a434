#include "numerics/linalg/dropout.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <mutex>

#include "base/util/error.h"
#include "base/util/random.h"
#include "numerics/linalg/dropout_mask.h"
#include "numerics/linalg/kernels/drop.h"

namespace latentcrs {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kDropoutGrain = 32768;  // elements a thread takes at least

at::Tensor drop(const at::Tensor& x, double p, uint64_t key) {
  const at::Tensor in = x.contiguous();
  if (in.scalar_type() != at::kFloat || in.numel() > 0xffffffffll)
    throw internal_error("dropout takes at most 2^32 float32 elements");
  at::Tensor out = at::empty_like(in);
  const DropoutMask mask = make_dropout_mask(key, p);
  const float* from = in.data_ptr<float>();
  float* to = out.data_ptr<float>();
  at::parallel_for(0, in.numel(), kDropoutGrain,
                   [&](int64_t begin, int64_t end) { kernels::drop(from, to, begin, end, mask); });
  return out;
}

/// The backward pass computes the mask again, which is cheaper than keeping it.
struct DropoutFunction : torch::autograd::Function<DropoutFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, double p, int64_t key) {
    context->saved_data["p"] = p;
    context->saved_data["key"] = key;
    return drop(x, p, static_cast<uint64_t>(key));
  }
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const double p = context->saved_data["p"].toDouble();
    const int64_t key = context->saved_data["key"].toInt();
    return {drop(gradients[0], p, static_cast<uint64_t>(key)), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

Dropout::Dropout(uint64_t seed, c10::Device device) : Dropout(seed, device, true) {
  if (device.is_cpu()) return;
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::scoped_lock lock(generator.mutex());
  generator.set_current_seed(seed);
}

double Dropout::on_device(double p) const {
  if (active_ && device_.is_cpu()) throw internal_error("dropout on a GPU was not given the device");
  return active_ ? p : 0.0;
}

uint64_t Dropout::next_key() { return derive_seed(seed_, "dropout", {call_++}); }

at::Tensor Dropout::operator()(const at::Tensor& x, double p) {
  if (!active_ || p == 0.0) return x;
  if (!(p > 0.0 && p < 1.0)) throw internal_error("dropout probability must be in [0, 1)");
  if (!x.is_cpu()) return std::get<0>(at::native_dropout(x, on_device(p), /*train=*/true));
  return DropoutFunction::apply(x, p, static_cast<int64_t>(next_key()));
}

}  // namespace latentcrs
