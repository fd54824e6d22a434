// The titles in a language model's answer, by the rule of the published evaluation (He et al., CIKM 2023).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// Whether the answer has the mark that begins a list.
bool has_numbered_list(std::string_view answer);

/// The lines after the first "1.", wherever it is; without any, all lines, where commas end lines too. Bracketed parts
/// go, spaces are squeezed, and digits at the start go with one of ". ) 、" and a dash. Empty lines and repetitions
/// stay: they hold places. This is not how the pipeline reads replies (language/text/title_list.h), which finds more of
/// them.
std::vector<std::string> listed_titles(std::string_view answer);

}  // namespace latentcrs
