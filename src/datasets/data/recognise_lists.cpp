// Lines of ids between blanks: ICLRec's sequences, LightGCN's lists, SASRec's pairs.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/util/text.h"
#include "datasets/data/column_profile.h"
#include "datasets/data/recogniser.h"

namespace latentcrs {
namespace {

/// What lines of whole numbers between blanks are like.
struct IdLines {
  SampleTable table;
  size_t shortest = 0, longest = 0;
  bool from_zero = false;
  bool users_repeat = false;
};

bool is_whole_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// nullopt: some field is no whole number.
std::optional<IdLines> id_lines(const FileSample& sample) {
  IdLines found{.table = split_sample(sample, " ", Quoting::none)};
  if (found.table.rows.empty()) return std::nullopt;
  found.shortest = found.table.rows[0].size();
  std::set<std::string> users;
  for (const auto& row : found.table.rows) {
    if (row.empty() || !std::all_of(row.begin(), row.end(), is_whole_number)) return std::nullopt;
    found.shortest = std::min(found.shortest, row.size());
    found.longest = std::max(found.longest, row.size());
    found.from_zero = found.from_zero || std::find(row.begin(), row.end(), "0") != row.end();
    found.users_repeat = !users.insert(row[0]).second || found.users_repeat;
  }
  return found;
}

/// Whether the last of several columns are a rating or a time, so that the lines are a table.
bool is_table(const IdLines& lines) {
  if (lines.shortest != lines.longest || lines.longest < 3) return false;
  const ColumnProfile last = profile_column(column_of(lines.table, lines.longest - 1, 0));
  return last.may_be_time() || (lines.users_repeat && last.may_be_rating());
}

Reading list_reading(const char* format, std::string meaning) {
  Reading reading{.role = FileRole::interactions, .meaning = std::move(meaning)};
  reading.options.format = format;
  return reading;
}

void recognise_sequences(const FileSample& sample, std::vector<Reading>& readings) {
  const auto lines = id_lines(sample);
  if (!lines || is_table(*lines) || lines->longest < 3) return;
  // ICLRec's: a line for each user, ids from 1, at least three items.
  constexpr size_t kShortest = 4;
  if (lines->from_zero || lines->users_repeat || lines->shortest < kShortest) return;
  readings.push_back(
      list_reading("sequences", "lines `user item item …`, oldest item first (ICLRec): fit for next-item figures"));
}

void recognise_lightgcn(const FileSample& sample, std::vector<Reading>& readings) {
  const auto lines = id_lines(sample);
  if (!lines || is_table(*lines) || lines->longest < 2 || lines->users_repeat) return;
  readings.push_back(list_reading(
      "lightgcn",
      "lines `user item item …` without an order in time (LightGCN, NGCF): figures of the next item mean nothing"));
}

/// Users whose lines stand together tell which column they are.
void recognise_pairs(const FileSample& sample, std::vector<Reading>& readings) {
  const auto lines = id_lines(sample);
  if (!lines || lines->shortest != 2 || lines->longest != 2 || lines->table.rows.size() < 2) return;
  const ColumnProfile first = profile_column(column_of(lines->table, 0, 0));
  const ColumnProfile second = profile_column(column_of(lines->table, 1, 0));
  const auto grouped = [](const ColumnProfile& column) {
    return column.runs == column.distinct && column.distinct < column.values;
  };
  Reading user_first = list_reading("pairs", "lines `user item`, oldest first (SASRec, BERT4Rec)");
  if (grouped(first) && !grouped(second)) {
    user_first.findings.emplace_back(
        "column 1 is the user: the lines of each of its ids stand together, and those of column 2 do not");
    readings.push_back(user_first);
    return;
  }
  Reading item_first = list_reading("csv", "lines `item user`, oldest first");
  item_first.options.separator = " ";
  item_first.options.columns.user = "2";
  item_first.options.columns.item = "1";
  // A column without repeats is no user: each would have one item.
  if (first.distinct < first.values) readings.push_back(user_first);
  if (second.distinct < second.values) readings.push_back(item_first);
}

/// Files that lie beside LightGCN's and KGAT's lists.
void recognise_maps(const FileSample& sample, std::vector<Reading>& readings) {
  const std::string_view header = sample.lines.empty() ? std::string_view() : sample.lines[0];
  if (header.starts_with("org_id") || header.starts_with("remap_id"))
    readings.push_back({.role = FileRole::ignored, .meaning = "a map of ids (org_id remap_id)"});
  const bool graph = sample.name.starts_with("kg_final") || sample.name == "kg.txt";
  if (graph && id_lines(sample))
    readings.push_back({.role = FileRole::ignored, .meaning = "triples of a knowledge graph"});
}

constexpr Recogniser kLists[] = {{"map of ids", recognise_maps},
                                 {"sequences", recognise_sequences},
                                 {"lightgcn", recognise_lightgcn},
                                 {"pairs", recognise_pairs}};

}  // namespace

constinit const std::span<const Recogniser> kListRecognisers = kLists;

}  // namespace latentcrs
