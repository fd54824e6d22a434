#include "datasets/data/record_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "base/util/error.h"
#include "base/util/text.h"
#include "datasets/data/printable.h"
#include "datasets/data/usual_names.h"

namespace latentcrs {
namespace {

constexpr std::string_view kBlanks = " \t";

/// The column from 0 that a number names, kAbsent for other text and beyond `count`.
int numbered_column(const std::string& name, size_t count) {
  size_t number = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  const bool fits = failure == std::errc{} && end == name.data() + name.size() && number >= 1 && number <= count;
  return fits ? static_cast<int>(number) - 1 : RecordColumns::kAbsent;
}

std::vector<int> fitting_columns(const std::vector<std::string>& columns, const WantedField& field) {
  std::vector<int> fitting;
  for (size_t c = 0; c < columns.size(); ++c) {
    const bool exact = std::find(field.names.begin(), field.names.end(), columns[c]) != field.names.end();
    const bool similar = std::any_of(field.names.begin(), field.names.end(),
                                     [&](const std::string& name) { return is_same_name(name, columns[c]); });
    if (exact || similar) fitting.push_back(static_cast<int>(c));
  }
  return fitting;
}

std::string shown_names(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  for (const std::string& name : names) shown.push_back("'" + printable(name) + "'");
  return fmt::format("{}", fmt::join(shown, ", "));
}

/// Whether one of the names is a number, which no header holds.
bool look_like_data(const std::vector<std::string>& names) {
  return std::any_of(names.begin(), names.end(), [](const std::string& name) {
    double number = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    return failure == std::errc{} && end == name.data() + name.size();
  });
}

int find_wanted_column(const RecordColumns& columns, const RecordForm& form, const WantedField& field,
                       const std::string& where) {
  const bool flags = form.first_flag > 0 && !field.names.empty() && field.names[0] == "flags";
  if (flags) return RecordColumns::kFlags;
  const std::vector<int> fitting = fitting_columns(columns.names, field);
  if (fitting.size() > 1)
    throw data_error(fmt::format("{}: the columns '{}' and '{}' both fit the {}: set datasets.columns.{}", where,
                                 printable(columns.names[static_cast<size_t>(fitting[0])]),
                                 printable(columns.names[static_cast<size_t>(fitting[1])]), field.what, field.what));
  if (!fitting.empty()) return fitting[0];
  if (field.names.size() == 1) {
    if (const int column = numbered_column(field.names[0], columns.names.size()); column >= 0) return column;
  }
  if (field.required && !field.setting.empty())
    throw data_error(fmt::format("{}: {} names '{}', but the columns are {}", where, field.setting,
                                 printable(field.names.at(0)), shown_names(columns.names)));
  if (field.required)
    throw data_error(
        fmt::format("{}: no column of the {} ({}) among {}{}; datasets.format=csv takes any columns, which "
                    "datasets.columns.{} names",
                    where, field.what, fmt::join(field.names, ", "), shown_names(columns.names),
                    look_like_data(columns.names) ? ", which look like data: is the header missing? Without one, "
                                                    "columns have numbers (datasets.columns={user: 1, item: 2})"
                                                  : "",
                    field.what));
  return RecordColumns::kAbsent;
}

}  // namespace

bool is_same_name(std::string_view a, std::string_view b) { return plain_name(a) == plain_name(b); }

/// A line in which text follows a closing quote, and which has quotes behind backslashes, has no doubled ones.
bool LineSplitter::split(std::string_view line, std::vector<std::string_view>& fields) {
  const bool closed = split_as(quoting_, line, fields);
  const bool odd = !closed || text_after_quote_;
  if (quoting_ != Quoting::doubled || !odd || line.find("\\\"") == std::string_view::npos) return closed;
  return split_as(Quoting::escaped, line, fields);
}

bool LineSplitter::split_as(Quoting quoting, std::string_view line, std::vector<std::string_view>& fields) {
  fields.clear();
  used_ = 0;
  text_after_quote_ = false;
  if (separator_ == " ") {
    split_at_blanks(line, fields);
    return true;
  }
  for (std::string_view rest = line;;) {
    if (quoting != Quoting::none && rest.starts_with('"')) {
      if (!take_quoted(quoting, rest, fields)) return false;
    } else {
      const size_t end = rest.find(separator_);
      fields.push_back(rest.substr(0, end));
      rest.remove_prefix(std::min(end, rest.size()));
    }
    if (rest.empty()) return true;
    rest.remove_prefix(separator_.size());
  }
}

/// Takes a quoted field, and what follows it up to the separator.
bool LineSplitter::take_quoted(Quoting quoting, std::string_view& rest, std::vector<std::string_view>& fields) {
  if (used_ == unquoted_.size()) unquoted_.emplace_back();
  std::string& text = unquoted_[used_++];
  text.clear();
  size_t i = 1;
  for (;; ++i) {
    const size_t quote = rest.find('"', i);
    if (quote == std::string_view::npos) return false;
    text.append(rest, i, quote - i);
    i = quote + 1;
    const bool escaped = quoting == Quoting::escaped && text.ends_with('\\');
    if (escaped) text.pop_back();
    const bool doubled = quoting == Quoting::doubled && i < rest.size() && rest[i] == '"';
    if (!escaped && !doubled) break;
    text += '"';
    if (escaped) --i;
  }
  const size_t end = std::min(rest.find(separator_, i), rest.size());
  text_after_quote_ = text_after_quote_ || !is_blank(rest.substr(i, end - i));
  text.append(rest, i, end - i);
  fields.push_back(text);
  rest.remove_prefix(end);
  return true;
}

void LineSplitter::split_at_blanks(std::string_view line, std::vector<std::string_view>& fields) const {
  for (std::string_view rest = trimmed(line, kBlanks); !rest.empty(); rest = trimmed(rest, kBlanks)) {
    const size_t end = std::min(rest.find_first_of(kBlanks), rest.size());
    fields.push_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
}

std::string find_separator(std::string_view header, const std::string& where) {
  std::vector<std::string> found;
  for (const std::string_view separator : kSeparators) {
    if (header.find(separator) != std::string_view::npos) found.emplace_back(separator);
  }
  if (found.size() == 1) return found[0];
  if (found.empty())
    throw data_error(
        fmt::format("{}: '{}' has none of the separators tab , ; | and :: (datasets.separator names "
                    "another one)",
                    where, printable(header)));
  throw data_error(fmt::format("{}: '{}' may be separated by '{}' and by '{}': set datasets.separator", where,
                               printable(header), found[0] == "\t" ? "tab" : found[0], found[1]));
}

std::string find_separator_of_data(std::string_view line, const std::string& where) {
  for (const std::string_view separator : {"\t", "::", ";", "|", ","}) {
    if (line.find(separator) != std::string_view::npos) return std::string(separator);
  }
  return find_separator(line, where);
}

RecordColumns find_record_columns(const std::vector<std::string_view>& first_line, const RecordForm& form,
                                  const std::vector<WantedField>& wanted, const std::string& where) {
  RecordColumns columns;
  std::vector<std::string> header;
  for (const std::string_view name : first_line) {
    const size_t length = form.typed_header ? name.find(':') : std::string_view::npos;
    header.emplace_back(trimmed(name.substr(0, length)));
  }
  const std::vector<std::string> names(form.names.begin(), form.names.end());
  const bool by_number = form.names.empty() && form.header == HeaderLine::none;
  columns.any_length = by_number;
  if (form.header == HeaderLine::required) {
    columns.has_header = true;
  } else if (form.header == HeaderLine::optional) {
    columns.has_header = std::any_of(wanted.begin(), wanted.end(), [&](const WantedField& field) {
      return field.required && !fitting_columns(header, field).empty();
    });
  }
  columns.names = columns.has_header ? header : names;
  if (columns.has_header) columns.header.assign(first_line.begin(), first_line.end());
  if (by_number) {
    for (size_t c = 1; c <= header.size(); ++c) columns.names.push_back(std::to_string(c));
  }
  for (const WantedField& field : wanted) {
    columns.indices.push_back(find_wanted_column(columns, form, field, where));
  }
  return columns;
}

}  // namespace latentcrs
