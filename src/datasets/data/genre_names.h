// The names of genre flags in a file beside the items: u.genre of MovieLens 100K.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

/// Reads lines `name|number`, numbers from 0; an empty path has none. Throws Error(data) for a line of another form,
/// and for numbers that do not count up.
std::vector<std::string> read_genre_names(const std::filesystem::path& path);

}  // namespace latentcrs
