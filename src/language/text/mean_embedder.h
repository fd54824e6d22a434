// An embedder that averages others.
#pragma once

#include <memory>
#include <vector>

#include "language/text/embedder.h"

namespace latentcrs {

/// Returns an embedder whose vectors are the means of the vectors that `parts` give, summed in their order in float32;
/// with one part, its vectors unchanged. Throws Error(internal) if `parts` is empty or their dimensions differ.
std::unique_ptr<Embedder> make_mean_embedder(std::vector<std::unique_ptr<Embedder>> parts);

}  // namespace latentcrs
