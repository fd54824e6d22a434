// Tables and JSON lines of no published form: the columns are found by their names and by what stands in them.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/util/text.h"
#include "datasets/data/column_roles.h"
#include "datasets/data/parquet_file.h"
#include "datasets/data/printable.h"
#include "datasets/data/python_literal.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/recogniser.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

constexpr size_t kRowsOfSeparator = 200;

std::string shown_separator(const std::string& separator) {
  return separator == "\t" ? "tab" : separator == " " ? "blanks" : separator;
}

/// The separators that give all lines the same number of fields; a blank only where nothing else does.
std::vector<SampleTable> possible_tables(const FileSample& sample) {
  FileSample first = sample;
  first.lines.resize(std::min(kRowsOfSeparator, sample.lines.size()));
  std::vector<SampleTable> tables;
  for (const std::string_view separator : {"\t", ";", "|", "::", ",", " "}) {
    if (separator == " " && !tables.empty()) break;
    if (split_sample(first, separator, Quoting::doubled).is_regular(2))
      tables.push_back(split_sample(sample, separator, Quoting::doubled));
  }
  return tables;
}

/// Whether the first row names the columns.
bool has_header(const SampleTable& table) {
  bool all_words = true, differs = false;
  for (size_t c = 0; c < table.width(); ++c) {
    const std::string& first = table.rows[0][c];
    if (!first.empty() && is_usual_name(first)) return true;
    const ColumnProfile below = profile_column(column_of(table, c, 1));
    const ColumnProfile name = profile_column({first});
    all_words = all_words && !name.is_number() && !name.may_be_time();
    differs = differs || (!name.is_number() && !name.may_be_time() && (below.is_number() || below.may_be_time()));
  }
  return all_words && (differs || table.rows.size() > 1);
}

std::vector<TableColumn> columns_of(const SampleTable& table, bool headed) {
  std::vector<TableColumn> columns;
  for (size_t c = 0; c < table.width(); ++c)
    columns.push_back(
        {headed ? table.rows[0][c] : std::to_string(c + 1), profile_column(column_of(table, c, headed ? 1 : 0))});
  return columns;
}

/// The reading of a table whose columns have these roles, once for each reading of its times.
class GeneralReadings {
 public:
  GeneralReadings(const std::vector<TableColumn>& columns, bool headed, Reading base)
      : columns_(columns), headed_(headed), base_(std::move(base)) {}

  void add(const ColumnRoles& roles, std::vector<Reading>& readings) const {
    Reading reading = base_;
    if (is_table_of_users(roles)) {
      readings.push_back({.role = FileRole::ignored, .meaning = "a table of users, one a row"});
      return;
    }
    ColumnOptions& names = reading.options.columns;
    const std::array<std::pair<int, std::string*>, 2> words = {{{roles.user, &names.user}, {roles.item, &names.item}}};
    for (const auto& [column, name] : words) set(column, *name);
    if (roles.index >= 0)
      reading.findings.push_back(fmt::format("column {} has no name{}: an index, ignored", roles.index + 1,
                                             at(roles.index).profile.counts_up ? " and counts up" : ""));
    add_words(roles, reading);
    if (roles.user < 0) {
      reading.role = FileRole::items;
      reading.meaning = "a table of items: " + base_.meaning;
      reading.goes_with = {"csv", "gowalla", "pairs", "lightgcn"};
      if (base_.options.format == "jsonl") reading.goes_with = {"jsonl"};
      readings.push_back(reading);
      return;
    }
    set(roles.rating, names.rating);
    set(roles.time, names.time);
    reading.named = headed_ && roles.named && !is_table_of_tags();
    add_notes(roles, reading);
    add_times(roles, reading, readings);
  }

 private:
  const TableColumn& at(int column) const { return columns_[static_cast<size_t>(column)]; }
  /// No user occurs twice, and nothing but a user is sure.
  bool is_table_of_users(const ColumnRoles& roles) const {
    if (roles.user < 0 || roles.time >= 0 || roles.rating >= 0) return false;
    const ColumnProfile& users = at(roles.user).profile;
    return users.values > 1 && users.distinct == users.values;
  }
  /// What users call items.
  bool is_table_of_tags() const {
    return std::any_of(columns_.begin(), columns_.end(), [](const TableColumn& column) {
      const std::string name = plain_name(column.name);
      return name == "tag" || name == "tagid" || name == "tagvalue";
    });
  }
  void set(int column, std::string& name) const {
    if (column >= 0) name = at(column).name;
  }

  void add_words(const ColumnRoles& roles, Reading& reading) const {
    ColumnOptions& names = reading.options.columns;
    set(roles.title, names.title);
    set(roles.genres, names.genres);
    set(roles.year, names.year);
    set(roles.description, names.description);
    const bool wordy =
        roles.title < 0 && roles.user >= 0 && roles.item >= 0 && headed_ && at(roles.item).profile.reads_like_words();
    if (!wordy) return;
    names.title = names.item;
    reading.notes["columns.title"] = "the items are titles";
  }

  void add_notes(const ColumnRoles& roles, Reading& reading) const {
    constexpr std::array kKeys = {"columns.user", "columns.item", "columns.rating", "columns.time"};
    for (size_t i = 0; i < std::min(kKeys.size(), roles.notes.size()); ++i) reading.notes[kKeys[i]] = roles.notes[i];
    if (roles.rating >= 0 && at(roles.rating).profile.decimal_comma)
      reading.findings.push_back(fmt::format("numbers of column {} have a decimal comma", at(roles.rating).name));
    reading.meaning += fmt::format(
        "; the user is column {}, the item column {}, {}", printable(at(roles.user).name),
        printable(at(roles.item).name),
        roles.rating < 0 ? std::string("without a rating") : "the rating column " + printable(at(roles.rating).name));
  }

  void add_times(const ColumnRoles& roles, const Reading& reading, std::vector<Reading>& readings) const {
    if (roles.time < 0) {
      readings.push_back(reading);
      return;
    }
    const std::vector<TimeReading> units = time_readings(at(roles.time).profile);
    if (units.empty()) readings.push_back(reading);
    for (const TimeReading& unit : units) {
      Reading next = reading;
      next.options.time_unit = unit.unit;
      next.notes["time_unit"] = unit.why;
      if (units.size() > 1) next.meaning += "; " + unit.why;
      readings.push_back(next);
    }
  }

  const std::vector<TableColumn>& columns_;
  bool headed_;
  Reading base_;
};

void add_readings(const std::vector<TableColumn>& columns, bool headed, const Reading& base,
                  std::vector<Reading>& readings) {
  const GeneralReadings general(columns, headed, base);
  for (const ColumnRoles& roles : column_roles(columns, headed)) general.add(roles, readings);
}

/// The order of Cornac's UIRT files, user, item, rating, time between tabs, is a convention.
bool is_uirt(const SampleTable& table, const std::vector<TableColumn>& columns) {
  return table.separator == "\t" && columns.size() == 4 && columns[2].profile.is_number() &&
         columns[3].profile.may_be_time();
}

void recognise_table(const FileSample& sample, std::vector<Reading>& readings) {
  if (!readings.empty() || trimmed(sample.lines.empty() ? "" : sample.lines[0]).starts_with('{')) return;
  for (const SampleTable& table : possible_tables(sample)) {
    const bool headed = has_header(table);
    const std::vector<TableColumn> columns = columns_of(table, headed);
    Reading base{.role = FileRole::interactions};
    base.options.format = "csv";
    base.options.separator = table.separator == "\t" ? "tab" : table.separator;
    base.meaning = fmt::format("a table {} a header, {} columns separated by {}", headed ? "with" : "without",
                               table.width(), shown_separator(table.separator));
    if (!headed && is_uirt(table, columns)) {
      base.findings.emplace_back(
          "tabs and no header: columns 1 to 4 are taken for user, item, rating and time, the order "
          "of Cornac's UIRT and of MovieLens 100K");
      const ColumnRoles roles{.user = 0, .item = 1, .rating = 2, .time = 3};
      GeneralReadings(columns, headed, base).add(roles, readings);
      continue;
    }
    add_readings(columns, headed, base, readings);
  }
}

void recognise_parquet(const FileSample& sample, std::vector<Reading>& readings) {
  if (!sample.parquet) return;
  if (!kReadsParquet) {
    readings.push_back({.role = FileRole::unreadable, .meaning = parquet_advice(sample.path)});
    return;
  }
  constexpr size_t kRows = 5000;
  const SampleTable table{.separator = "", .rows = read_parquet_rows(sample.path, kRows)};
  Reading base{.role = FileRole::interactions};
  base.options.format = "csv";
  base.meaning = fmt::format("a table in Parquet, {} columns", table.width());
  constexpr bool kHeaded = true;
  add_readings(columns_of(table, kHeaded), kHeaded, base, readings);
}

/// The field of the first line that holds a list of objects; empty if there is none.
std::string list_of_events(const FileSample& sample) {
  const nlohmann::json object =
      sample.lines.empty() ? nlohmann::json() : nlohmann::json::parse(sample.lines[0], nullptr, false);
  if (!object.is_object()) return {};
  for (const auto& [key, value] : object.items()) {
    if (value.is_array() && !value.empty() && value[0].is_object()) return key;
  }
  return {};
}

void recognise_json_lines(const FileSample& sample, std::vector<Reading>& readings) {
  if (!readings.empty()) return;
  std::vector<std::string> names;
  std::map<std::string, std::vector<std::string>> values;
  for (const std::string& line : sample.lines) {
    const auto literal = looks_like_python(line) ? json_from_python(line) : std::optional(line);
    const nlohmann::json object = nlohmann::json::parse(literal.value_or(""), nullptr, false);
    if (!object.is_object()) continue;
    for (const auto& [key, value] : object.items()) {
      if (!values.contains(key)) names.push_back(key);
      values[key].push_back(value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump());
    }
  }
  std::vector<TableColumn> columns;
  for (const std::string& name : names) columns.push_back({name, profile_column(values[name])});
  Reading base{.role = FileRole::interactions, .meaning = "JSON lines of your own"};
  base.options.format = "jsonl";
  constexpr bool kHeaded = true;
  if (!columns.empty()) add_readings(columns, kHeaded, base, readings);
  const auto tells = [](const Reading& reading) {
    return reading.role == FileRole::items || (reading.role == FileRole::interactions && reading.named);
  };
  const std::string events = list_of_events(sample);
  if (events.empty() || std::any_of(readings.begin(), readings.end(), tells)) return;
  readings = {
      {.role = FileRole::unreadable,
       .meaning = fmt::format("JSON lines that hold lists of events ({}), as sessions do: write a line for each "
                              "event, with the session, the item and the time",
                              printable(events))}};
}

/// One JSON document, which no reader takes.
void recognise_documents(const FileSample& sample, std::vector<Reading>& readings) {
  const std::string first(sample.lines.empty() ? "" : trimmed(sample.lines[0]));
  if (first != "[" && first != "{" && !first.starts_with("[{")) return;
  readings.push_back({.role = FileRole::unreadable,
                      .meaning = first.starts_with('[')
                                     ? "one JSON array; `jq -c '.[]'` writes its objects one a line, as the format "
                                       "jsonl reads them"
                                     : "one JSON document over several lines; write a line for each interaction"});
}

constexpr Recogniser kGeneral[] = {{"documents", recognise_documents},
                                   {"csv", recognise_table},
                                   {"parquet", recognise_parquet},
                                   {"jsonl", recognise_json_lines}};

}  // namespace

constinit const std::span<const Recogniser> kGeneralRecognisers = kGeneral;

}  // namespace latentcrs
