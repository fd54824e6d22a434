// Half surrogate pairs in JSON texts: "\ud83d" alone, which other programs write where they cut a text in the middle.
#pragma once

#include <cstdint>
#include <string>

namespace latentcrs {

/// Puts U+FFFD, written \ufffd, in the place of every escape \ud800 to \udfff of `json` that is no half of a pair, as
/// Python's errors="replace" does; returns how many there were. The length stays.
int64_t replace_half_surrogates(std::string& json);

}  // namespace latentcrs
