// Several titles on one line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/title_list.h"

namespace latentcrs {

using Titles = std::vector<std::string>;

/// False without a test, too.
bool known(const TitleTest& is_title, std::string_view text);

/// Whether words in lower case other than those that titles have make a sentence of it.
bool is_prose(std::string_view text);

/// The parts of "1. Heat 2. Casino"; nothing for a line without two numbers in order.
Titles numbered_titles(std::string_view line);

/// The titles of a line that holds several; nothing if it is one title, or none.
Titles titles_on_one_line(std::string_view line, const TitleTest& is_title);

}  // namespace latentcrs
