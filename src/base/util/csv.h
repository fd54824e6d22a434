// Comma-separated values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// A cell as pandas' read_csv takes it: in quotes if it holds a comma, a quote or a line end (RFC 4180).
std::string csv_cell(std::string_view text);

/// The cells with commas between them, and a line end.
std::string csv_line(const std::vector<std::string>& cells);

}  // namespace latentcrs
