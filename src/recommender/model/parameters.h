// Parameters of modules by name, and state dicts.
#pragma once

#include <torch/nn/module.h>

#include <string>
#include <string_view>
#include <vector>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// Copies `state` into `module`'s parameters by name. Throws Error(data) that lists missing names, other sizes, and
/// tensors that hold no floating-point numbers. Returns the names that the module does not have
/// (require_no_more_weights()).
std::vector<std::string> load_parameters(torch::nn::Module& module, const StateDict& state, std::string_view where);

/// Whether the parameters are the same numbers in the same order, as those of two frozen copies of an encoder are.
bool same_parameters(const torch::nn::Module& one, const torch::nn::Module& other);

/// Copies of the parameters by name in registration order, detached, on the CPU.
StateDict parameters_of(const torch::nn::Module& module);

/// The same without copying parameters on the CPU, which must be written to a file before they change.
StateDict parameter_views(const torch::nn::Module& module);

}  // namespace latentcrs
