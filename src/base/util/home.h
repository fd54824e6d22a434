// Expanding `~` at the start of a path, as a shell does.
#pragma once

#include <optional>
#include <string>

namespace latentcrs {

/// Returns `path` with `~`, alone or before a slash, replaced by the home folder ($HOME, else the one in the list of
/// users), and any other path unchanged. nullopt for `~name`, `~+` and the like, and if there is no home folder.
std::optional<std::string> expand_home(const std::string& path);

}  // namespace latentcrs
