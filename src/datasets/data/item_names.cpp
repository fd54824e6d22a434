#include "datasets/data/item_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/printable.h"
#include "datasets/data/text_list.h"
#include "datasets/data/tsv.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

constexpr size_t kLongestName = 80;
constexpr char kNameSeparator = '|';
constexpr std::string_view kShopWords = "Format:";
constexpr const char* kExpectedTable =
    "a table with a column `names` and a column `item` or `title` (tabs or commas, or a JSON object a line)";

enum NamesField : size_t { kNames, kNamesItem, kNamesTitle, kNamesYear };

/// The text without brackets and what stands in them, with single blanks.
std::string without_brackets(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(' || c == '[') ++depth;
    const bool blank = kWhiteSpace.find(c) != std::string_view::npos;
    if (depth == 0 && !(blank && out.ends_with(' '))) out += blank ? ' ' : c;
    if ((c == ')' || c == ']') && depth > 0) --depth;
  }
  return std::string(trimmed(out));
}

bool is_letter(char c) { return static_cast<unsigned char>(c) >= 0x80 || std::isalpha(static_cast<unsigned char>(c)); }

void add_names(std::string_view text, std::vector<std::string>& names) {
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of("|;"), text.size());
    const std::string_view one = text.substr(0, end);
    std::string name = without_brackets(one.substr(0, one.find(kShopWords)));
    const bool named = name.size() <= kLongestName && std::any_of(name.begin(), name.end(), is_letter);
    if (named && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
}

/// Titles in lower case, with their items and years.
class TitleIds {
 public:
  explicit TitleIds(const ItemCatalogue& catalogue) {
    for (const Item& item : catalogue.items()) {
      add(item.title, item);
      if (item.name != item.title) add(item.name, item);
    }
  }

  /// The items of a title; with a year those of that year alone.
  std::vector<int32_t> find(const std::string& title, const std::string& year) const {
    int wanted = 0;
    std::from_chars(year.data(), year.data() + year.size(), wanted);
    std::vector<int32_t> items;
    const auto [begin, end] = ids_.equal_range(lower_case(title));
    for (auto found = begin; found != end; ++found)
      if (wanted == 0 || found->second.second == wanted) items.push_back(found->second.first);
    return items;
  }

 private:
  void add(const std::string& title, const Item& item) {
    ids_.emplace(lower_case(title), std::pair(static_cast<int32_t>(item.id), item.year));
  }
  std::unordered_multimap<std::string, std::pair<int32_t, int>> ids_;
};

/// A name of `.jsonl` or `.json`, plain or compressed, holds JSON lines.
RecordForm form_of(const std::filesystem::path& path) {
  const std::filesystem::path plain = path.extension() == ".gz" ? path.stem() : path.filename();
  const bool json = plain.extension() == ".jsonl" || plain.extension() == ".json";
  return {.lines = json ? RecordLines::python : RecordLines::delimited, .separator = ""};
}

std::vector<WantedField> wanted_fields() {
  const auto field = [](std::string what, std::string_view names, bool required) {
    return WantedField{.what = std::move(what), .names = split_names(names), .required = required};
  };
  return {field("names", "names", true), field("item", kItemNames, false), field("title", "title", false),
          field("year", kYearNames, false)};
}

}  // namespace

std::vector<std::string> names_in(const RecordField& field) {
  std::vector<std::string> names;
  if (!field.present) return names;
  std::vector<std::string> texts = field.list;
  if (texts.size() <= 1) texts = parse_text_list(field.text).value_or(std::vector{field.text});
  for (const std::string& text : texts) add_names(text, names);
  return names;
}

ItemNames::ItemNames(const Interactions& result, const std::vector<std::string>& raw_ids) {
  for (const int32_t item : result.items) ++counts_[item];
  for (const auto& [item, count] : counts_) {
    const bool renamed = static_cast<size_t>(item) < raw_ids.size();
    ids_.emplace(renamed ? raw_ids[static_cast<size_t>(item)] : std::to_string(item), item);
  }
}

int32_t ItemNames::item_of(std::string_view raw) const {
  const auto found = ids_.find(std::string(raw));
  return found == ids_.end() ? 0 : found->second;
}

void ItemNames::add(int32_t item, std::vector<std::string> names) {
  std::vector<std::string>& known = names_[item];
  for (std::string& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end()) known.push_back(std::move(name));
}

void ItemNames::read_metadata(RecordReader& items) {
  items.for_each([&](const std::vector<RecordField>& entry) {
    const int32_t item = entry[0].present ? item_of(entry[0].text) : 0;
    for (size_t f = 1; f < entry.size() && item > 0; ++f)
      if (auto names = names_in(entry[f]); !names.empty()) add(item, std::move(names));
    return std::string();
  });
}

void ItemNames::read_file(const std::filesystem::path& path, const ItemCatalogue& catalogue, PreprocessReport& report) {
  const TitleIds titles(catalogue);
  const auto reader = open_records(path, form_of(path), wanted_fields(), kExpectedTable);
  int64_t lines = 0, taken = 0;
  const auto drop = [&](const char* reason) {
    report.drop(path.filename().string(), reason, reader->lines().line_number());
    return std::string();
  };
  reader->for_each([&](const std::vector<RecordField>& line) {
    ++lines;
    if (!line[kNamesItem].present && !line[kNamesTitle].present) return drop("neither an item nor a title");
    std::vector<std::string> names = names_in(line[kNames]);
    if (names.empty()) return drop("no name");
    std::vector<int32_t> items;
    if (line[kNamesItem].present)
      items = {item_of(line[kNamesItem].text)};
    else
      items = titles.find(line[kNamesTitle].text, line[kNamesYear].text);
    std::erase_if(items, [&](int32_t item) { return !counts_.contains(item); });
    if (items.empty()) return drop("an item that the dataset does not have");
    if (items.size() > 1) return drop("a title of several items");
    ++taken;
    const size_t before = names_[items[0]].size();
    add(items[0], std::move(names));
    return names_[items[0]].size() == before ? drop("names that an earlier line gives") : std::string();
  });
  if (taken > 0) return;
  const auto example =
      std::min_element(ids_.begin(), ids_.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  throw data_error(fmt::format(
      "{}: none of its {} lines is about an item of the dataset: `item` is an id as the dataset's files write it, "
      "such as {}, and `title` a title as they write it",
      path.string(), lines, printable(example->first)));
}

void ItemNames::write(const std::filesystem::path& path, const DatasetOptions& options,
                      PreprocessReport& report) const {
  AtomicFile file(path);
  write_tsv_row(file.stream(), {options.id_column, "names"});
  std::set<std::string_view> different;
  int64_t items = 0, covered = 0;
  for (const auto& [item, names] : names_) {
    if (names.empty()) continue;
    const std::string id = std::to_string(item), joined = fmt::format("{}", fmt::join(names, "|"));
    write_tsv_row(file.stream(), {id, joined});
    different.insert(names.begin(), names.end());
    covered += counts_.at(item);
    ++items;
  }
  file.commit();
  report.remarks.push_back(
      fmt::format("{} of {} items have names, {} different ones; these items have {:.1f} % of the interactions", items,
                  counts_.size(), different.size(),
                  100.0 * static_cast<double>(covered) / static_cast<double>(report.interactions)));
}

std::filesystem::path item_names_file(const std::filesystem::path& folder, const DatasetOptions& options) {
  return folder / (options.dataset_name + "_names.tsv");
}

std::unordered_map<int64_t, std::vector<std::string>> read_item_names(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  TsvReader reader(text, path.string());
  std::vector<std::string> fields;
  reader.next(fields);  // the header
  std::unordered_map<int64_t, std::vector<std::string>> names;
  while (reader.next(fields)) {
    int64_t item = 0;
    if (fields.size() == 2) std::from_chars(fields[0].data(), fields[0].data() + fields[0].size(), item);
    if (item < 1 || !is_utf8(fields[1]))
      throw data_error(
          fmt::format("{}: not an item and its names: run `latentcrs preprocess --force`", reader.where()));
    for (std::string_view rest = fields[1]; !rest.empty();) {
      const size_t end = std::min(rest.find(kNameSeparator), rest.size());
      names[item].emplace_back(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }
  return names;
}

}  // namespace latentcrs
