// Reading the titles that a language model's reply recommends.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// Tells whether a text is a title of the catalogue. Without such a test, commas separate titles only after an
/// introduction.
using TitleTest = std::function<bool(std::string_view)>;

/// Returns the titles that `reply` names, best first, without repetitions, at most `count`. These forms are read:
/// - a JSON array of texts or of objects with a title, alone or as the value of a key, also inside other text or a code
///   fence;
/// - a Markdown table;
/// - a list with numbers or bullets, with reasons behind or below the titles;
/// - titles on one line ("Here are some: The Matrix, Heat, Casino, and Alien."), where `is_title` tells which commas
///   belong to a title;
/// - otherwise one title per line.
/// Numbers, bullets, quotes, stars, labels ("Title:") and reasons are removed; a year stays.
std::vector<std::string> read_title_list(std::string_view reply, size_t count, const TitleTest& is_title = {});

}  // namespace latentcrs
