// Whether the weights of a file are those of the model that they are loaded into.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor_file.h"

namespace latentcrs {

/// Throws Error(data) naming `where` unless `names`, as load_parameters() returns them, are none: a further layer, the
/// factors of a low-rank adapter or the scales of quantised weights belong to the figures that the file stands for, so
/// that the model without them is another one.
void require_no_more_weights(const std::vector<std::string>& names, std::string_view where);

/// Throws Error(data) naming both files unless the item table of an encoder has the rows that its configuration says.
void require_item_size(const StateDict& encoder, const std::filesystem::path& encoder_file, int64_t item_size,
                       const std::filesystem::path& config_file);

}  // namespace latentcrs
