#include "base/util/text.h"

namespace latentcrs {

std::string_view trimmed(std::string_view text, std::string_view spaces) {
  const size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return trimmed_end(text.substr(begin), spaces);
}

std::string_view trimmed_end(std::string_view text, std::string_view spaces) {
  return text.substr(0, text.find_last_not_of(spaces) + 1);
}

bool is_blank(std::string_view text, std::string_view spaces) {
  return text.find_first_not_of(spaces) == std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace latentcrs
