// The sizes of a given encoder: those in its file, compared with those of the settings.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/config/pretrain_options.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

/// The place that a setting's value comes from, for messages ("configs/mine.yaml:3"); "" for a default.
using SettingOrigin = std::function<std::string(const std::string& key)>;

/// <model>_config.json of the encoder <model>.pt. It need not exist.
std::filesystem::path encoder_config_beside(const std::filesystem::path& checkpoint);

/// `options` with the sizes of the encoder whose `weights` are the file `checkpoint`: width, layers and positions are
/// those of its weights; heads and activation, which weights do not tell, those of the configuration beside it if there
/// is one. Throws Error(config) naming each setting that has an origin and another value, and the value to give;
/// Error(data) for a file that holds no encoder, or one beside which lies the configuration of another.
EncoderOptions encoder_of_checkpoint(const StateDict& weights, const std::filesystem::path& checkpoint,
                                     const EncoderOptions& options, const SettingOrigin& origin);

}  // namespace latentcrs
