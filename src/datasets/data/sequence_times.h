// The times of users' sequences: `<name>_times.tsv` beside `<name>.csv`, for `latentcrs export`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/data/interactions.h"

namespace latentcrs {

/// Seconds since 1970 with the decimals that the time needs: "978300760", "1577836800.25", "-0.5". `ticks_per_second`
/// is a power of ten, at most 10^6.
std::string seconds_text(int64_t time, int64_t ticks_per_second);

/// Reads lines `user TAB time time …` in seconds since 1970, of the same users and numbers of items as `interactions`.
/// Returns microseconds since 1970 [interactions.items.size()]. Throws Error(data) with file:line for other files.
std::vector<int64_t> read_sequence_times(const std::filesystem::path& path, const Interactions& interactions);

}  // namespace latentcrs
