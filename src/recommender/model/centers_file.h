// centers.npy: the intent centres of pretraining by this program or the published code, or of any other k-means.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>

namespace latentcrs {

/// [K, d] float32, each row of length 1. Rows of another length, such as raw k-means centroids, are normalised, and the
/// log says so; rows of length 1 keep their bits. Throws Error(data) naming the file for numbers other than
/// float32 and float64, for a tensor that is no matrix or is empty, and for a row that is zero or not finite.
at::Tensor read_centers(const std::filesystem::path& path);

}  // namespace latentcrs
