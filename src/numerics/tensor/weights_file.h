// Reading the weights of a network from a .pt file of this program, of the published code, or of another training
// script.
#pragma once

#include <filesystem>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// Returns a state_dict of floating-point tensors. In the file it may lie below "state_dict", "model_state_dict" or
/// "model" (a checkpoint of Lightning, for example), and its names may have the parts "module.", "_orig_mod." and
/// "model." of wrappers, which are removed; a line of the log says so. Entries that are not tensors are ignored.
///
/// Throws Error(data) naming the file if it holds no such dict, if it holds several, if two weights get the same name,
/// and for a tensor of integers, booleans or complex numbers, whose name and type it gives. A value whose name ends in
/// ".weight" or ".bias" is an error that names it if it has no form that is read: None, a sparse or quantised tensor.
StateDict read_weights(const std::filesystem::path& path);

}  // namespace latentcrs
