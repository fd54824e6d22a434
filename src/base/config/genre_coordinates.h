// What settings and the offline embedder both know of the genres that a vector says (EmbedOptions::genre_weight).
#pragma once

#include <cstddef>

namespace latentcrs {

/// MovieLens' genres; each has one of the last coordinates of a vector.
inline constexpr std::size_t kNumGenres = 18;

}  // namespace latentcrs
