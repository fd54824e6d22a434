// The titles in a model's answer, whatever form it gives to its list.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// Whether a text is a title of the catalogue. Without one, commas divide titles only behind an introduction.
using TitleTest = std::function<bool(std::string_view)>;

/// The titles a reply names, best first, each once, at most `count`. Reads a JSON array of text or of objects with a
/// title, alone or as the value of some key, with text or a code fence around it; a Markdown table; a list with numbers
/// or bullets, and reasons behind the titles or below them; titles on one line ("Here are some: The Matrix, Heat,
/// Casino, and Alien."), where `is_title` says which commas belong to a title; otherwise a title a line. Numbers,
/// bullets, quotes, stars, labels ("Title:") and reasons are removed, a year stays.
std::vector<std::string> read_title_list(std::string_view reply, size_t count, const TitleTest& is_title = {});

}  // namespace latentcrs
