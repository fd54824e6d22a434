// The width of UTF-8 text on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// The number of columns that `text` takes: 0 for a combining mark, 2 for an East Asian wide character or an emoji, 1
/// for any other character and for a malformed byte.
int text_width(std::string_view text);

/// The longest beginning of `text` that fits in `columns` and ends between characters.
std::string_view clip_text(std::string_view text, int columns);

/// `text` if it fits in `columns`, else its beginning followed by …, together at most `columns` wide.
std::string shorten_text(std::string_view text, int columns);

}  // namespace latentcrs
