// Lists of texts inside a field of a table, as pandas writes a column of Python lists.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// The texts of "['Drama', \"Children's\"]", Python's spelling, or of the same in JSON; nullopt if `text` is not a
/// list of texts. The text is not evaluated as Python.
std::optional<std::vector<std::string>> parse_text_list(std::string_view text);

}  // namespace latentcrs
