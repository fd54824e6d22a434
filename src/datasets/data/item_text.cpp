#include "datasets/data/item_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "datasets/data/printable.h"
#include "datasets/data/text_list.h"

namespace latentcrs {
namespace {

constexpr std::array<std::string_view, 5> kUsualFields = {"title", "year", "genres", "categories", "description"};

[[noreturn]] void throw_bad_template(const std::string& pattern, const char* what) {
  throw config_error(fmt::format(
      "datasets.item_text: '{}' {}: name fields in braces, as in \"{{title}} by {{artist}}\"", pattern, what));
}

bool is_facets_field(const std::string& name) { return name == "genres" || name == "categories"; }

bool has_field(const ItemText& text, std::string_view name) {
  return std::find(text.fields().begin(), text.fields().end(), name) != text.fields().end();
}

/// The texts of a cell: those of a list, or those between `|`.
std::vector<std::string> texts_of(std::string_view cell) {
  if (const std::string_view list = trimmed(cell); list.starts_with('[') && list.ends_with(']'))
    if (auto texts = parse_text_list(list)) return *texts;
  std::vector<std::string> texts;
  while (!cell.empty()) {
    const size_t end = std::min(cell.find('|'), cell.size());
    if (const std::string_view text = trimmed(cell.substr(0, end)); !text.empty()) texts.emplace_back(text);
    cell.remove_prefix(std::min(cell.size(), end + 1));
  }
  return texts;
}

void add_text(const std::string& text, Item& item) {
  if (text.size() > ItemWords::kLongestFacet)
    item.description += (item.description.empty() ? "" : " ") + text;
  else if (std::find(item.facets.begin(), item.facets.end(), text) == item.facets.end())
    item.facets.push_back(text);
}

}  // namespace

ItemText::ItemText(const std::string& pattern) {
  std::string_view rest = pattern;
  for (;;) {
    const size_t open = rest.find('{');
    const std::string_view words = rest.substr(0, open);
    if (words.find('}') != std::string_view::npos) throw_bad_template(pattern, "closes a brace that is not open");
    if (open == std::string_view::npos) break;
    const size_t close = rest.find_first_of("{}", open + 1);
    if (close == std::string_view::npos || rest[close] != '}') throw_bad_template(pattern, "has an open brace");
    std::string field(trimmed(rest.substr(open + 1, close - open - 1)));
    if (field.empty()) throw_bad_template(pattern, "has a field without a name");
    if (!has_field(*this, field)) fields_.push_back(field);
    pieces_.push_back({std::string(words), std::move(field)});
    rest.remove_prefix(close + 1);
  }
  end_ = rest;
  if (fields_.empty()) throw_bad_template(pattern, "has no field");
}

std::string ItemText::render(const std::function<std::string(const std::string&)>& value) const {
  std::string text;
  for (const Piece& piece : pieces_) {
    const std::string words = value(piece.field);
    if (words.empty()) continue;
    // The first words that are there need nothing before them but what the template begins with.
    if (!text.empty() || &piece == &pieces_.front()) text += piece.before;
    text += words;
  }
  return text + end_;
}

bool is_usual_field(const std::string& name) {
  return std::find(kUsualFields.begin(), kUsualFields.end(), name) != kUsualFields.end();
}

std::vector<std::string> further_fields(const DatasetOptions& options) {
  if (options.item_text.empty()) return {};
  std::vector<std::string> fields = ItemText(options.item_text).fields();
  std::erase_if(fields, is_usual_field);
  return fields;
}

ItemWords::ItemWords(const DatasetOptions& options, const std::vector<std::string>& header, const std::string& where)
    : by_neighbours_(describes_by_neighbours(options)) {
  if (options.item_text.empty()) return;
  text_.emplace(options.item_text);
  for (const std::string& field : text_->fields()) {
    const auto column = std::find(header.begin(), header.end(), field);
    if (!is_usual_field(field) && column == header.end()) {
      std::vector<std::string> known(kUsualFields.begin(), kUsualFields.end());
      for (const std::string& name : header)
        if (name != options.id_column && !is_usual_field(lower_case(name))) known.push_back(printable(name));
      throw data_error(fmt::format("{}: datasets.item_text names {{{}}}, but the fields of items are {}", where, field,
                                   fmt::join(known, ", ")));
    }
    columns_.push_back(is_usual_field(field) ? -1 : static_cast<int>(column - header.begin()));
  }
}

void check_item_text(const std::filesystem::path& path, const DatasetOptions& options) {
  LineReader lines(path);
  std::string_view line;
  lines.next(line);
  std::vector<std::string> header;
  for (const std::string_view name : split_cells(line)) header.emplace_back(name);
  ItemWords(options, header, path.string());
}

void ItemWords::describe(Item& item, const std::vector<std::string>& row) const {
  if (text_) describe_by_template(item, row);
  if (by_neighbours_ && !item.facets.empty())
    item.text = fmt::format("{}, which people have together with {}", item.name, fmt::join(item.facets, " and "));
}

void ItemWords::describe_by_template(Item& item, const std::vector<std::string>& row) const {
  const ItemText& text = *text_;
  const std::string genres = fmt::format("{}", fmt::join(item.facets, ", ")), description = item.description;
  const bool has_genres = has_field(text, "genres") || has_field(text, "categories");
  if (!has_genres) item.facets.clear();
  if (!has_field(text, "description")) item.description.clear();
  std::vector<std::vector<std::string>> texts;
  for (const int column : columns_) {
    texts.push_back(column < 0 ? std::vector<std::string>() : texts_of(row[static_cast<size_t>(column)]));
    for (const std::string& one : texts.back()) add_text(one, item);
  }
  item.text = text.render([&](const std::string& field) {
    if (field == "title") return item.name;
    if (field == "year") return item.year > 0 ? std::to_string(item.year) : std::string();
    if (field == "description") return description;
    if (is_facets_field(field)) return genres;
    const auto place = std::find(text.fields().begin(), text.fields().end(), field) - text.fields().begin();
    return fmt::format("{}", fmt::join(texts[static_cast<size_t>(place)], ", "));
  });
  if (!has_field(text, "year")) item.year = 0;
}

}  // namespace latentcrs
