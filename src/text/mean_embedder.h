// Several embedders as one.
#pragma once

#include <memory>
#include <vector>

#include "text/embedder.h"

namespace latentcrs {

/// The mean of the vectors that `parts` give a text, summed in their order in float32; the vectors of the one part
/// itself if there is but one. Throws Error(internal) without any, or if their widths differ.
std::unique_ptr<Embedder> make_mean_embedder(std::vector<std::unique_ptr<Embedder>> parts);

}  // namespace latentcrs
