// The vectors of a run as .npy files for other programs.
#pragma once

#include <filesystem>
#include <vector>

#include "base/config/load_config.h"

namespace latentcrs {

/// Writes into `folder` what the run has: item_vectors.npy [item_size, d], whose row is the item's id;
/// intent_centers.npy [K, d]; and for each file of embedded utterances <task>_<key>.npy [n, E] with its customers in
/// <task>_<key>.csv. Returns the files.
std::vector<std::filesystem::path> export_vectors(const LoadedConfig& loaded, const std::filesystem::path& folder);

}  // namespace latentcrs
