// Checks that the weights of a file are those of the model into which they are loaded.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// Throws Error(data) naming `where` if there are any `names`, as load_parameters() returns them: without a further
/// layer, the factors of a low-rank adapter or the scales of quantised weights, the model would be another one than
/// that of the file.
void require_no_more_weights(const std::vector<std::string>& names, std::string_view where);

/// Throws Error(data) naming both files if the item table of an encoder does not have the rows that its configuration
/// says.
void require_item_size(const StateDict& encoder, const std::filesystem::path& encoder_file, int64_t item_size,
                       const std::filesystem::path& config_file);

}  // namespace latentcrs
