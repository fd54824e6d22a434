// The softmax over many items for the CPU: value and gradients without logits in memory
// (docs/decisions/fused-softmax.md).
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace latentcrs {

/// P positions and the rows of the item table that their targets are compared with, on one device.
struct SoftmaxInputs {
  at::Tensor states;                                     ///< [P, D]
  at::Tensor items;                                      ///< [V, D]
  at::Tensor targets;                                    ///< [P], rows of `items`
  at::Tensor others;                                     ///< [C], rows of `items`, ascending
  at::Tensor weights;                                    ///< [P], of the positions' losses in the sum
  double target_offset = 0;                              ///< added to the logits of the targets
  bool states_gradient = false, items_gradient = false;  ///< which of them are wanted

  bool with_gradients() const { return states_gradient || items_gradient; }
};

struct SoftmaxOutputs {
  at::Tensor sum;                              ///< of the weighted losses, a scalar of type double
  at::Tensor states_gradient, items_gradient;  ///< [P, D], [V, D]; undefined where they are not wanted
};

/// float32 on the CPU, indices int64. A tile of logits (items by positions) lies in a core's cache from its product to
/// its last use. For the gradient of the items it is multiplied a second time, or for at most 8,192 items kept, 128
/// positions at a time. Memory beyond the outputs: at most 8 [P, D], or 8 [C, D] where tiles are kept; and a thread's
/// tiles. Where AMX is in use (numerics/linalg/instruction_set.h) a thread keeps 8 MB of exponentials, and the last
/// bits are others; its gradients are right to 1e-5 of their largest number. The bits depend neither on the number of
/// threads nor on AVX2 or AVX-512, but the last ones may on which gradients are wanted. Nothing where a logit is NaN,
/// or so large (millions) that float32 cannot hold its fraction.
std::optional<SoftmaxOutputs> fused_softmax(const SoftmaxInputs& inputs);

}  // namespace latentcrs
