// Edit distances between short texts, byte by byte.
#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

namespace latentcrs {

/// Insertions, deletions and replacements of one byte that turn `a` into `b` (Levenshtein's distance), if there are at
/// most `limit`; any number above `limit` otherwise, which is found faster.
size_t edit_distance(std::string_view a, std::string_view b, size_t limit = std::numeric_limits<size_t>::max() - 1);

/// The same distance where exchanging two neighbouring bytes is one edit as well (optimal string alignment), as fits
/// typing mistakes: "flase" is one edit from "false".
size_t typing_distance(std::string_view a, std::string_view b);

}  // namespace latentcrs
