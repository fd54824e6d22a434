// Reading several titles from one line of a reply.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "language/text/title_list.h"

namespace latentcrs {

using Titles = std::vector<std::string>;

/// Whether `text` is a title of the catalogue; false if there is no `is_title` to ask.
bool known(const TitleTest& is_title, std::string_view text);

/// Whether `text` is a sentence and not a title: it holds words in lower case other than those that titles have.
bool is_prose(std::string_view text);

/// The titles of "1. Heat 2. Casino"; empty for a line without two numbers in ascending order.
Titles numbered_titles(std::string_view line);

/// The titles of a line that holds several of them; empty if it holds one title or no title.
Titles titles_on_one_line(std::string_view line, const TitleTest& is_title);

}  // namespace latentcrs
