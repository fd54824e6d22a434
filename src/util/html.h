// Text inside HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// `text` for element content and quoted attributes: & < > " ' become entities, control characters other than tab and
/// line ends, which no page may hold, become spaces.
std::string escape_html(std::string_view text);

}  // namespace latentcrs
