#include "language/text/prompt_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

std::string field_list(std::span<const TemplateField> fields) {
  std::string list;
  for (const TemplateField& field : fields) list += fmt::format("{}{{{}}}", list.empty() ? "" : ", ", field.name);
  return list;
}

}  // namespace

PromptTemplate::PromptTemplate(std::string_view text, const std::string& origin,
                               std::span<const TemplateField> fields) {
  const auto where = [&](size_t position) {
    return fmt::format("{}:{}", origin,
                       1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(position), '\n'));
  };
  Piece piece;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{' && text[i] != '}') {
      piece.text += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == text[i]) {
      piece.text += text[i++];
      continue;
    }
    const size_t close = text[i] == '{' ? text.find_first_of("{}\n", i + 1) : std::string_view::npos;
    if (close == std::string_view::npos || text[close] != '}')
      throw config_error(fmt::format("{}: a single '{}' belongs to no field; write '{}{}' for the brace itself",
                                     where(i), text[i], text[i], text[i]));
    piece.field = text.substr(i + 1, close - i - 1);
    if (std::none_of(fields.begin(), fields.end(), [&](const auto& field) { return field.name == piece.field; }))
      throw config_error(
          fmt::format("{}: unknown field {{{}}}; there are {}", where(i), piece.field, field_list(fields)));
    pieces_.push_back(std::exchange(piece, {}));
    i = close;
  }
  for (const TemplateField& field : fields) {
    const auto is_field = [&](const Piece& p) { return p.field == field.name; };
    if (field.required && std::none_of(pieces_.begin(), pieces_.end(), is_field))
      throw config_error(fmt::format("{}: the template lacks the field {{{}}}", origin, field.name));
  }
  pieces_.push_back(std::move(piece));
}

PromptTemplate PromptTemplate::load(const std::filesystem::path& path, std::span<const TemplateField> fields) {
  std::string text = read_file(path);
  if (text.ends_with('\n')) text.pop_back();
  return {text, path.string(), fields};
}

bool PromptTemplate::has_field(std::string_view name) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [name](const Piece& piece) { return piece.field == name; });
}

std::string PromptTemplate::render(const std::map<std::string, std::string>& values) const {
  std::string result;
  for (const Piece& piece : pieces_) {
    result += piece.text;
    if (piece.field.empty()) continue;
    const auto value = values.find(piece.field);
    if (value == values.end()) throw internal_error(fmt::format("prompt template: no value for {{{}}}", piece.field));
    result += value->second;
  }
  return result;
}

}  // namespace latentcrs
