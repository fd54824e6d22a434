// Lists of texts inside a field of a table, as pandas writes a column of Python lists.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// The texts of "['Drama', \"Children's\"]", Python's spelling, or of the same in JSON. Nothing if `text` is no list of
/// texts, and nothing is evaluated.
std::optional<std::vector<std::string>> parse_text_list(std::string_view text);

}  // namespace latentcrs
