// An embedder whose vectors have a mean subtracted.
#pragma once

#include <memory>
#include <vector>

#include "language/text/embedder.h"

namespace latentcrs {

/// Subtracts `mean`, [D], from every vector of `inner` in float32. embed() throws Error(config) where the vectors have
/// another width than the mean.
std::unique_ptr<Embedder> make_centred_embedder(std::unique_ptr<Embedder> inner, std::vector<float> mean);

}  // namespace latentcrs
