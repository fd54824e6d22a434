// <model>_config.json (docs/method.md, section 2): the encoder's sizes beside its weights, in the published spelling.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "base/config/pretrain_options.h"

namespace latentcrs {

struct EncoderFile {
  int64_t item_size = 0;  ///< V, rows of the item table
  EncoderOptions options;
};

/// Throws Error(data) naming the file, the key and the value for a key that is missing or has a value of another type
/// or outside the range of the setting in pretrain.encoder.
EncoderFile read_encoder_config(const std::filesystem::path& path);
void write_encoder_config(const EncoderFile& encoder, const std::filesystem::path& path);

std::string_view to_string(Activation activation);  ///< as written in the file: gelu, relu, swish

}  // namespace latentcrs
