// The weights of a network from a .pt file of our own, of the published code, or of anybody's training script.
#pragma once

#include <filesystem>

#include "tensor/tensor_file.h"

namespace latentcrs {

/// A state_dict of floating-point tensors. It may lie below "state_dict", "model_state_dict" or "model" of a dict (a
/// checkpoint of Lightning, say), and its names may carry "module.", "_orig_mod." and "model.", the marks of wrappers,
/// which are taken off; a line of the log says so. Entries that are no tensors are left where they are.
///
/// Throws Error(data) naming the file: for anything that is no such dict, for a choice of several, for two weights that
/// get one name, and, with name and type, for a tensor of integers, bools or complex numbers, which is no weight.
StateDict read_weights(const std::filesystem::path& path);

}  // namespace latentcrs
