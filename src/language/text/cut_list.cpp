#include "language/text/cut_list.h"

#include <optional>

#include "base/util/text.h"

namespace latentcrs {

namespace {

/// The end of the last whole element of the JSON array whose contents begin at `text`; nullopt if the array ends.
std::optional<size_t> last_element_end(std::string_view text) {
  size_t end = 0;
  int depth = 0;  // of arrays and objects inside the array
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      for (++i; i < text.size() && text[i] != '"'; ++i)
        if (text[i] == '\\') ++i;
      if (i >= text.size()) return end;
      if (depth == 0) end = i + 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return std::nullopt;
      if (--depth == 0) end = i + 1;
    }
  }
  return end;
}

/// The place behind the first bracket that opens a JSON array of texts or objects; npos without one.
size_t array_begin(std::string_view reply) {
  for (size_t open = reply.find('['); open != std::string_view::npos; open = reply.find('[', open + 1)) {
    const std::string_view inside = trimmed(reply.substr(open + 1));
    if (inside.empty() || inside.front() == '"' || inside.front() == '{') return open + 1;
  }
  return std::string_view::npos;
}

/// The start of the last entry of titles on one line: behind the last comma, or at the last number of a list.
size_t last_entry_begin(std::string_view line) {
  size_t begin = line.rfind(", ");
  begin = begin == std::string_view::npos ? 0 : begin;
  for (size_t mark = begin; mark + 1 < line.size(); ++mark) {
    const bool ends_number = (line[mark] == '.' || line[mark] == ')') && line[mark + 1] == ' ';
    if (!ends_number || mark == 0 || !is_digit(line[mark - 1])) continue;
    size_t digits = mark;
    while (digits > 0 && is_digit(line[digits - 1])) --digits;
    if (digits == 0 || line[digits - 1] == ' ') begin = digits;
  }
  return begin;
}

}  // namespace

std::string whole_entries(std::string_view reply) {
  if (const size_t begin = array_begin(reply); begin != std::string_view::npos) {
    const auto end = last_element_end(reply.substr(begin));
    if (!end) return std::string(reply);  // the array came whole
    return *end == 0 ? std::string() : std::string(reply.substr(0, begin + *end)) + "]";
  }
  if (const size_t line = reply.rfind('\n'); line != std::string_view::npos) return std::string(reply.substr(0, line));
  return std::string(reply.substr(0, last_entry_begin(reply)));
}

}  // namespace latentcrs
