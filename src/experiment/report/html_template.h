// The HTML files of src/experiment/report/assets with their blanks filled in.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace latentcrs {

/// Returns the file `name` with each {{blank}} replaced by its value, which is HTML. Throws Error(internal) for a blank
/// without a value and for a value without a blank.
std::string fill_template(std::string_view name,
                          std::initializer_list<std::pair<std::string_view, std::string_view>> values);

}  // namespace latentcrs
