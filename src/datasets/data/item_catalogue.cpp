#include "datasets/data/item_catalogue.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_names.h"
#include "datasets/data/item_text.h"
#include "datasets/data/printable.h"
#include "datasets/data/raw_format.h"
#include "datasets/data/text_list.h"
#include "datasets/data/tsv.h"
#include "datasets/data/warn_once.h"

namespace latentcrs {
namespace {

/// The indices of the columns that an item is made of; -1 for an absent one.
struct ColumnIndices {
  int id = -1;
  int title = -1;
  int facets = -1;
  int description = -1;
  int year = -1;
  size_t count = 0;
};

int find_column(const std::vector<std::string>& header, std::string_view name) {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

ColumnIndices find_columns(const std::vector<std::string>& header, const DatasetOptions& options,
                           const std::string& where) {
  const FeatureColumns& columns = raw_format(options.format).columns;
  const auto require = [&](const std::string& name) {
    const int column = find_column(header, name);
    if (column < 0) {
      throw data_error(fmt::format("{}: no column '{}' (found: {}); is this the features file of {}?", where, name,
                                   printable(fmt::format("{}", fmt::join(header, ", "))), options.dataset_name));
    }
    return column;
  };
  return {.id = require(options.id_column),
          .title = require(columns.title),
          .facets = require(columns.facets),
          .description = columns.description == nullptr ? -1 : require(columns.description),
          .year = columns.year == nullptr ? -1 : require(columns.year),
          .count = header.size()};
}

/// The parts of `text`, in order. A root category at the start is left out first, because its name may hold the
/// separator.
std::vector<std::string> split(std::string_view text, char separator, std::string_view root) {
  if (!root.empty() && text.starts_with(root) && (text.size() == root.size() || text[root.size()] == separator)) {
    text.remove_prefix(std::min(text.size(), root.size() + 1));
  }
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return parts;
}

bool in_brackets(std::string_view text) { return text.starts_with('[') && text.ends_with(']'); }

/// The distinct, non-empty facets of a field without the root category, in order: its parts between separators, or
/// the texts of a list, "['Drama', 'Comedy']".
std::vector<std::string> facets_of(std::string_view text, char separator, std::string_view root,
                                   const std::string& where) {
  const std::string_view list = trimmed(text);
  const auto texts = in_brackets(list) ? parse_text_list(list) : std::nullopt;
  if (in_brackets(list) && !texts)
    throw data_error(fmt::format("{}: '{}' is no list of texts that can be read; write {} between them", where,
                                 printable(list), separator));
  std::vector<std::string> facets;
  for (const std::string& part : texts ? *texts : split(text, separator, root)) {
    const std::string facet(trimmed(part));
    const bool repeated = std::find(facets.begin(), facets.end(), facet) != facets.end();
    if (!facet.empty() && facet != root && facet != kNoGenres && !repeated) facets.push_back(facet);
  }
  return facets;
}

void check_utf8(const std::vector<std::string>& fields, const std::string& where) {
  for (const std::string& field : fields) {
    if (!is_utf8(field))
      throw data_error(
          fmt::format("{}: '{}' is not UTF-8: convert the file, for example with `iconv -f latin1 -t utf8`", where,
                      printable(field)));
  }
}

/// Counts items without a title, and names them by their number.
class UntitledItems {
 public:
  void name(Item& item, const std::string& where) {
    if (!is_blank(item.title)) return;
    item.title = item.name = fmt::format("item {}", item.id);
    if (count_++ == 0) first_ = fmt::format("{}: {}", where, item.title);
  }
  void say(size_t items) const {
    if (count_ > 0)
      warn_once(
          fmt::format("{} has no title, the first of {} among {} items without one: they are called by their "
                      "numbers",
                      first_, count_, items));
  }

 private:
  int64_t count_ = 0;
  std::string first_;
};

/// Takes the last "(dddd)" off a title: "Toy Story (1995)" gives {"Toy Story", 1995}.
void split_title(Item& item) {
  const std::string_view title = item.title;
  for (size_t open = title.rfind('('); open != std::string_view::npos; open = title.rfind('(', open - 1)) {
    const std::string_view year = title.substr(open + 1, 4);
    const bool digits = year.size() == 4 && year.find_first_not_of("0123456789") == std::string_view::npos;
    if (digits && title.substr(open + 5).starts_with(')')) {
      std::from_chars(year.data(), year.data() + 4, item.year);
      std::string name(title.substr(0, open));
      name += title.substr(open + 6);
      item.name = trimmed(name);
      return;
    }
    if (open == 0) return;
  }
}

/// A year of its own counts more than one in the title.
void take_year(const std::string& field, Item& item) {
  int year = 0;
  std::from_chars(field.data(), field.data() + field.size(), year);
  if (year > 0) item.year = year;
}

Item make_item(const std::vector<std::string>& fields, const ColumnIndices& columns, const DatasetOptions& options,
               const std::string& where) {
  if (fields.size() != columns.count) {
    throw data_error(fmt::format("{}: {} fields; the header has {}", where, fields.size(), columns.count));
  }
  Item item;
  const std::string& id = fields[static_cast<size_t>(columns.id)];
  const auto [end, failure] = std::from_chars(id.data(), id.data() + id.size(), item.id);
  if (failure != std::errc{} || end != id.data() + id.size() || item.id < 1 || item.id > kMaxItemId) {
    throw data_error(fmt::format("{}: {} '{}' is not a whole number in [1, {}]", where, options.id_column,
                                 printable(id), kMaxItemId));
  }
  const FeatureColumns& format = raw_format(options.format).columns;
  item.title = fields[static_cast<size_t>(columns.title)];
  item.name = item.title;
  if (format.year_in_title) split_title(item);
  if (columns.year >= 0) take_year(fields[static_cast<size_t>(columns.year)], item);
  item.facets =
      facets_of(fields[static_cast<size_t>(columns.facets)], format.facet_separator, options.root_category, where);
  if (columns.description >= 0) item.description = fields[static_cast<size_t>(columns.description)];
  return item;
}

/// Before preprocessing has run with the settings of names there is no file of them.
void take_names(const std::filesystem::path& path, std::vector<Item>& items) {
  if (!std::filesystem::exists(path)) return;
  std::unordered_map<int64_t, std::vector<std::string>> names = read_item_names(path);
  for (Item& item : items)
    if (const auto found = names.find(item.id); found != names.end()) item.names = std::move(found->second);
}

}  // namespace

ItemCatalogue::ItemCatalogue(std::vector<Item> items) : items_(std::move(items)) {
  index_.reserve(items_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    if (!index_.emplace(items_[i].id, i).second) {
      throw data_error(fmt::format("item {} is described twice", items_[i].id));
    }
  }
}

const Item* ItemCatalogue::find(int64_t id) const {
  const auto found = index_.find(id);
  return found == index_.end() ? nullptr : &items_[found->second];
}

const Item& ItemCatalogue::at(int64_t id) const {
  if (const Item* item = find(id)) return *item;
  throw data_error(fmt::format("item {} is not in the item features file", id));
}

std::vector<std::string> ItemCatalogue::all_facets() const {
  std::map<std::string, int64_t> counts;
  for (const Item& item : items_) {
    for (const std::string& facet : item.facets) ++counts[facet];
  }
  std::vector<std::string> facets;
  for (const auto& [facet, count] : counts) facets.push_back(facet);
  std::stable_sort(facets.begin(), facets.end(),
                   [&](const std::string& a, const std::string& b) { return counts.at(a) > counts.at(b); });
  return facets;
}

ItemCatalogue read_item_catalogue(const std::filesystem::path& path, const DatasetOptions& options) {
  const std::string text = read_file(path);
  TsvReader reader(text, path.string());
  std::vector<std::string> fields;
  if (!reader.next(fields)) throw data_error(fmt::format("{}: the item features file is empty", path.string()));
  const ColumnIndices columns = find_columns(fields, options, reader.where());
  const ItemWords words(options, fields, reader.where());
  std::vector<Item> items;
  std::unordered_set<int64_t> ids;
  UntitledItems untitled;
  while (reader.next(fields)) {
    check_utf8(fields, reader.where());
    Item item = make_item(fields, columns, options, reader.where());
    if (!ids.insert(item.id).second)
      throw data_error(fmt::format("{}: item {} is described twice", reader.where(), item.id));
    untitled.name(item, reader.where());
    words.describe(item, fields);
    items.push_back(std::move(item));
  }
  untitled.say(items.size());
  if (has_item_names(options)) take_names(item_names_file(path.parent_path(), options), items);
  return ItemCatalogue(std::move(items));
}

std::string describe(const Item& item) {
  const std::string facts = item.text.empty() ? describe_facts(item) : "";
  std::string text = item.text.empty() ? item.name : item.text;
  if (!facts.empty()) text += ", " + facts;
  if (!text.ends_with('.')) text += '.';
  return text;
}

const std::string& shown_name(const Item& item) { return item.text.empty() ? item.title : item.text; }

std::string describe_facts(const Item& item) {
  std::string text;
  const auto add = [&text](const std::string& fact) { text += (text.empty() ? "" : ", ") + fact; };
  const std::string facets = fmt::format("{}", fmt::join(item.facets, ", "));
  if (item.year > 0) {
    add(fmt::format("released in {}", item.year));
    if (!facets.empty()) add("and belonging to the genres of " + facets);
  } else {
    if (!facets.empty()) add("belongs to the category of " + facets);
    if (!item.description.empty()) add("and the description is " + item.description);
  }
  return text;
}

}  // namespace latentcrs
