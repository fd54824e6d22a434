// Escaping text for HTML and SVG.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// Escapes `text` for element content and quoted attributes: & < > " ' become entities, and control characters other
/// than tab and line ends, which are not allowed in pages, become spaces.
std::string escape_html(std::string_view text);

}  // namespace latentcrs
