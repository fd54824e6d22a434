// Half surrogate pairs in JSON texts: "\ud83d" alone, which other programs write where they cut a text in the middle.
#pragma once

#include <cstdint>
#include <string>

namespace latentcrs {

/// Replaces every escape \ud800 to \udfff of `json` that is not half of a pair by U+FFFD, written \ufffd, as Python's
/// errors="replace" does, and returns their number. The length stays.
int64_t replace_half_surrogates(std::string& json);

}  // namespace latentcrs
