// The settings that a file of the posterior's or the prior's weights was made with, as its tensors show them.
#pragma once

#include <string>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// Throws Error(data) that names each setting in which the weights of a file differ from the network `ours`, with the
/// file's value.
void check_network_settings(const StateDict& file, const StateDict& ours, const std::string& where);

}  // namespace latentcrs
