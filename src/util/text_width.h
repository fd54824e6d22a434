// How many terminal columns a UTF-8 text takes.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// Columns of `text`: combining marks take none, East Asian wide characters and emoji two. Malformed bytes count as
/// one.
int text_width(std::string_view text);

/// The longest beginning of `text` that fits in `columns`, never cutting a character.
std::string_view clip_text(std::string_view text, int columns);

/// `text` itself if it fits in `columns`, else its beginning with … at the end.
std::string shorten_text(std::string_view text, int columns);

}  // namespace latentcrs
