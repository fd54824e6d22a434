// Manual pages in troff, as man(1) reads them, made from the table of commands.
#pragma once

#include <string>

namespace latentcrs {

/// The page of a command, or of the program for an empty name.
std::string manual_page(const std::string& command);

/// Writes latentcrs.1 and a latentcrs-<command>.1 for each command into `folder`, which is made where it is missing.
/// Throws Error(data) where that is not possible.
void write_manual_pages(const std::string& folder);

}  // namespace latentcrs
