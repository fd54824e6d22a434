// `~` at the start of a path, which only a shell would replace.
#pragma once

#include <optional>
#include <string>

namespace latentcrs {

/// `path` with `~` alone or before a slash replaced by the home folder ($HOME, else that of the list of users); any
/// other path as it is. nullopt for `~name`, `~+` and the like, and where there is no home folder.
std::optional<std::string> expand_home(const std::string& path);

}  // namespace latentcrs
