// The files of src/experiment/report/assets, which the build puts into the program.
#pragma once

#include <string_view>

namespace latentcrs {

/// Returns the text of the file `name`, "page.css"; throws Error(internal) for a name that is not there.
std::string_view report_asset(std::string_view name);

}  // namespace latentcrs
