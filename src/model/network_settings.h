// Which settings a file of the posterior's or the prior's weights was made with.
#pragma once

#include <string>

#include "tensor/tensor_file.h"

namespace latentcrs {

/// Throws Error(data) naming each setting that the weights of a file show to be another than that of the network
/// `ours`, and the value to give.
void check_network_settings(const StateDict& file, const StateDict& ours, const std::string& where);

}  // namespace latentcrs
