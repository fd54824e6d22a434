#include "datasets/data/record_items.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "base/util/text.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/text_list.h"
#include "datasets/data/tsv.h"

namespace latentcrs {
namespace {

using namespace std::string_view_literals;

enum ItemField : size_t { kItemId, kItemTitle, kItemGenres, kItemYear, kItemDescription, kFurtherFields };

/// Counts items that lack something, and remembers the first.
struct ItemTally {
  void add(const std::string& id) {
    if (count++ == 0) first = id;
  }
  int64_t count = 0;
  std::string first;
};

/// The year in "2010", "2010.0", "2016-05-01" or "01-Jan-1995"; empty if there is none.
std::string year_of(std::string_view text) {
  constexpr size_t kYearDigits = 4;
  for (size_t begin = 0; begin + kYearDigits <= text.size(); ++begin) {
    const std::string_view digits = text.substr(begin, kYearDigits);
    const bool all = std::all_of(digits.begin(), digits.end(), is_digit);
    const bool alone = (begin == 0 || !is_digit(text[begin - 1])) &&
                       (begin + kYearDigits == text.size() || !is_digit(text[begin + kYearDigits]));
    if (all && alone && (digits.starts_with("1") || digits.starts_with("2"))) return std::string(digits);
  }
  return {};
}

/// Whether a title has "(1995)" in it.
bool has_year_in_brackets(std::string_view title) {
  for (size_t open = title.find('('); open != std::string_view::npos; open = title.find('(', open + 1)) {
    const std::string_view inside = title.substr(open + 1, 5);
    if (inside.ends_with(')') && inside.size() == 5 && year_of(inside.substr(0, 4)).size() == 4) return true;
  }
  return false;
}

/// A fault of the Amazon data of 2018: scripts of the shop's pages stand in the place of some titles.
bool is_page_source(std::string_view title) {
  return title.find("var aPageStart") != std::string_view::npos || title.find("getTime()") != std::string_view::npos;
}

struct ItemTallies {
  ItemTally untitled, page_source, without_genres, without_year;
  void remark(int64_t rows, PreprocessReport& report) const {
    const auto say = [&](std::vector<std::string>& to, const ItemTally& tally, const char* what) {
      if (tally.count > 0)
        to.push_back(fmt::format("{} of {} items {}, the first is {}", tally.count, rows, what, tally.first));
    };
    say(report.warnings, untitled, "have no title");
    say(report.warnings, page_source, "have page source (JavaScript) in the place of a title");
    if (without_genres.count < rows) say(report.remarks, without_genres, "have no genre or category");
    say(report.remarks, without_year, "have no year in the title");
  }
};

}  // namespace

KnownItems RecordItems::read(PreprocessReport& report) const {
  KnownItems known;
  if (job_.metadata_path.empty()) return known;
  const auto reader =
      open_records(job_.metadata_path, fields_.item_form, fields_.items, std::string(preset_.items_expected));
  const bool of_their_own = job_.metadata_path != job_.interactions_path;
  reader->for_each([&](const std::vector<RecordField>& item) {
    const int64_t line = reader->lines().line_number();
    const auto drop = [&](const char* reason) {
      if (of_their_own) report.drop(job_.metadata_path.filename().string(), reason, line);
    };
    if (!item[kItemId].present) {
      drop("no item id");
    } else if (item[kItemId].text == reader->header_of(kItemId)) {
      drop("a header");
    } else if (known.ids.intern(item[kItemId].text) == known.described.size()) {
      known.described.push_back(item[kItemDescription].present);
    } else {
      report.metadata_duplicates += of_their_own;
      drop("a further entry of an item");
    }
    return std::string();
  });
  report.metadata_file = reader->lines().report();
  return known;
}

std::unique_ptr<RecordReader> RecordItems::open(const std::vector<WantedField>& fields) const {
  std::vector<WantedField> wanted = {fields_.items[kItemId]};
  wanted.insert(wanted.end(), fields.begin(), fields.end());
  return open_records(job_.metadata_path, fields_.item_form, std::move(wanted), std::string(preset_.items_expected));
}

/// The genres joined by the separator of the features TSV.
std::string RecordItems::genres(const RecordField& field) const {
  if (!field.present) return {};
  std::vector<std::string> texts = field.list;
  if (texts.size() <= 1) {
    if (auto list = parse_text_list(field.text)) texts = std::move(*list);
    if (texts.empty()) texts = {field.text};
  }
  // A text that stands alone may be the text of several genres.
  const std::string_view separators = texts.size() == 1 ? preset_.genre_separators : "";
  std::string joined;
  for (const std::string& text : texts) {
    const auto used =
        std::find_if(separators.begin(), separators.end(), [&](char c) { return text.find(c) != std::string::npos; });
    for (std::string_view rest = text; !rest.empty();) {
      const size_t end = used == separators.end() ? rest.size() : std::min(rest.find(*used), rest.size());
      const std::string_view genre = trimmed(rest.substr(0, end));
      if (!genre.empty() && !joined.empty()) joined += kRecordColumns.facet_separator;
      joined += genre;
      rest.remove_prefix(std::min(rest.size(), end + 1));
    }
  }
  return joined;
}

/// A further field of datasets.item_text: the texts of a list between the separators of genres. Those of a field with
/// the name of a list may stand between other separators too.
std::string RecordItems::further_field(const std::string& name, const RecordField& field) const {
  constexpr std::array kListNames = {"tags"sv,   "tag"sv,    "keywords"sv, "styles"sv, "style"sv,
                                     "themes"sv, "labels"sv, "moods"sv,    "topics"sv, "features"sv};
  if (!field.present) return {};
  const bool is_list = std::find(kListNames.begin(), kListNames.end(), lower_case(name)) != kListNames.end();
  if (is_list || field.list.size() > 1) return genres(field);
  return field.text;
}

int64_t RecordItems::write(std::ostream& out, const std::function<int32_t(std::string_view)>& id_of,
                           PreprocessReport& report) const {
  std::vector<std::string_view> header = {job_.dataset.id_column, "rawID",
                                          kRecordColumns.title,   kRecordColumns.year,
                                          kRecordColumns.facets,  kRecordColumns.description};
  for (size_t f = kFurtherFields; f < fields_.items.size(); ++f) header.push_back(fields_.items[f].what);
  write_tsv_row(out, header);
  ItemTallies tallies;
  std::set<int32_t> written;
  const auto reader =
      open_records(job_.metadata_path, fields_.item_form, fields_.items, std::string(preset_.items_expected));
  reader->for_each([&](const std::vector<RecordField>& item) {
    const auto text = [&](ItemField field) { return item[field].present ? item[field].text : std::string(); };
    const int32_t id = item[kItemId].present ? id_of(item[kItemId].text) : 0;
    if (id == 0 || !written.insert(id).second) return std::string();
    const std::string raw = text(kItemId), title = text(kItemTitle), joined = genres(item[kItemGenres]);
    const std::string year = year_of(text(kItemYear));
    if (title.empty()) tallies.untitled.add(raw);
    if (is_page_source(title)) tallies.page_source.add(raw);
    if (joined.empty() || joined == kNoGenres) tallies.without_genres.add(raw);
    if (preset_.titles_have_years && !has_year_in_brackets(title) && year.empty()) tallies.without_year.add(raw);
    std::vector<std::string> row = {std::to_string(id), raw, title, year, joined, text(kItemDescription)};
    for (size_t f = kFurtherFields; f < item.size(); ++f) row.push_back(further_field(fields_.items[f].what, item[f]));
    write_tsv_row(out, {row.begin(), row.end()});
    return std::string();
  });
  const auto rows = static_cast<int64_t>(written.size());
  for (const std::string& remark : reader->remarks()) report.remarks.push_back("metadata: " + remark);
  tallies.remark(rows, report);
  return rows;
}

}  // namespace latentcrs
