// The files of src/service/serve/assets, which the build puts into the program: the page and the description of the
// interface.
#pragma once

#include <string_view>
#include <vector>

namespace latentcrs {

/// Returns the text of the file `name`, "index.html"; throws Error(internal) for a name that is not there.
std::string_view serve_asset(std::string_view name);
/// The names of all files.
std::vector<std::string_view> serve_asset_names();

}  // namespace latentcrs
