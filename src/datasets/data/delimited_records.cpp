#include <fmt/format.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/text.h"
#include "base/util/utf8.h"
#include "datasets/data/parquet_file.h"
#include "datasets/data/printable.h"
#include "datasets/data/raw_file_check.h"
#include "datasets/data/record_columns.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {
namespace {

constexpr int kLinesOfARecord = 1000;
constexpr const char* kOpenQuote = "a quote is not closed";

class DelimitedRecords : public RecordReader {
 public:
  DelimitedRecords(const fs::path& path, const RecordForm& form, std::vector<WantedField> wanted,
                   const std::string& expected)
      : form_(form),
        wanted_(std::move(wanted)),
        reader_(path, expected, form.accepted_malformed),
        splitter_(std::string(form.separator), form.quoting),
        record_(wanted_.size()) {}

  void for_each(const Visit& visit) override {
    if (!begin(visit)) return;
    for (std::string_view line; reader_.next(line);) visit_line(line, visit);
  }

  void for_each_interaction(const InteractionForm& form, const VisitRows& visit_rows, const Visit& visit) override {
    if (!begin(visit)) return;
    const bool splits_at_blanks = splitter_.separator() == " ";
    if (!splits_at_blanks) reader_.read_in_blocks(PlainRowParser(plain_form(form)));
    for (std::string_view line;;) {
      const std::span rows = splits_at_blanks ? std::span<const PlainRow>() : reader_.next_plain();
      if (!rows.empty())
        visit_rows(rows, reader_.blocks().text(), reader_.line_number() - static_cast<int64_t>(rows.size()) + 1);
      else if (reader_.next(line))
        visit_line(line, visit);
      else
        return;
    }
  }

  const RawReader& lines() const override { return reader_; }
  bool has(size_t wanted) const override { return columns_.indices[wanted] != RecordColumns::kAbsent; }
  std::string header_of(size_t wanted) const override {
    const int column = columns_.indices[wanted];
    const bool has_text = column >= 0 && !columns_.header.empty();
    return has_text ? std::string(trimmed(columns_.header[static_cast<size_t>(column)])) : std::string();
  }
  std::vector<std::string> remarks() const override {
    std::vector<std::string> remarks = remarks_;
    if (converted_ > 0 && form_.names.empty())
      remarks.push_back(fmt::format("{} fields are not UTF-8, and were read as ISO-8859-1", converted_));
    return remarks;
  }

 private:
  /// Finds the columns in the first line, and visits it if it is a record; false if there is none.
  bool begin(const Visit& visit) {
    std::string_view line;
    if (!reader_.next(line)) return false;
    if (form_.separator.empty()) {
      const auto find = form_.header == HeaderLine::none ? find_separator_of_data : find_separator;
      splitter_ = LineSplitter(find(line, reader_.where()), form_.quoting);
      remarks_.push_back(fmt::format("fields are separated by '{}'", shown_separator()));
    }
    const std::string where = reader_.where();
    if (!split_record(line)) throw data_error(fmt::format("{}: {}", where, kOpenQuote));
    columns_ = find_record_columns(fields_, form_, wanted_, reader_.where());
    remark_columns();
    first_user_ = trimmed(fields_[static_cast<size_t>(columns_.indices[0])]);
    if (!columns_.has_header) visit_fields(visit);
    return true;
  }

  /// All lines that an open quote takes in are lost, so that each of them is malformed.
  void visit_line(std::string_view line, const Visit& visit) {
    const int64_t first = reader_.line_number();
    if (split_record(line))
      visit_fields(visit);
    else
      reader_.malformed(kOpenQuote, first);
  }

  PlainForm plain_form(const InteractionForm& form) const {
    PlainForm plain{.separator = splitter_.separator(),
                    .columns = columns_.names.size(),
                    .more_columns = columns_.any_length,
                    .user = columns_.indices[0],
                    .item = columns_.indices[1],
                    .unit = form.unit,
                    .best_rating = form.best_rating,
                    .header_user = first_user_};
    if (form.reads_ratings) plain.rating = columns_.indices[2];
    if (form.reads_times) plain.time = columns_.indices[3];
    return plain;
  }

  /// Splits a line, joined to the next ones as long as a quote is open.
  bool split_record(std::string_view line) {
    if (splitter_.split(line, fields_)) return true;
    joined_ = line;
    for (int lines = 1; lines < kLinesOfARecord && reader_.next(line); ++lines) {
      joined_ += '\n';
      joined_ += line;
      if (line.find('"') != std::string_view::npos && splitter_.split(joined_, fields_)) return true;
    }
    return false;
  }

  void visit_fields(const Visit& visit) {
    const size_t expected = columns_.names.size();
    if (form_.last_takes_rest && fields_.size() > expected) join_rest(expected);
    const bool fits = columns_.any_length ? fields_.size() >= expected : fields_.size() == expected;
    if (!fits) {
      reader_.malformed(fmt::format("{} fields instead of {}{}", fields_.size(), expected, why_so_many(expected)));
      return;
    }
    for (size_t w = 0; w < wanted_.size(); ++w) take_field(columns_.indices[w], record_[w]);
    if (const std::string reason = visit(record_); !reason.empty()) reader_.malformed(reason);
  }

  /// The fields of a line without quotes lie behind each other in it.
  void join_rest(size_t expected) {
    std::string_view& last = fields_[expected - 1];
    last = std::string_view(last.data(), static_cast<size_t>(fields_.back().end() - last.begin()));
    fields_.resize(expected);
  }

  /// What may have led to another number of fields than `expected` in the line that was split last.
  std::string why_so_many(size_t expected) const {
    if (fields_.size() > expected && form_.quoting == Quoting::doubled)
      return fmt::format(" (a '{}' inside a field needs quotes around the field)", shown_separator());
    if (fields_.size() != 1) return "";
    for (const std::string_view separator : kSeparators) {
      std::vector<std::string_view> parts;
      if (separator != splitter_.separator() &&
          LineSplitter(std::string(separator), form_.quoting).split(fields_[0], parts) && parts.size() == expected)
        return fmt::format(" (the line is separated by '{}')", separator == "\t" ? "tab" : separator);
    }
    return "";
  }

  std::string shown_separator() const { return splitter_.separator() == "\t" ? "tab" : splitter_.separator(); }

  void take_field(int column, RecordField& field) {
    field.present = false;
    if (column == RecordColumns::kAbsent) return;
    field.list.clear();
    if (column == RecordColumns::kFlags) {
      take_flags(field);
      return;
    }
    const std::string_view text = trimmed(fields_[static_cast<size_t>(column)]);
    if (is_utf8(text)) {
      field.text = text;
    } else if (form_.latin1) {
      field.text = utf8_from_latin1(text);
      ++converted_;
    } else {
      throw data_error(
          fmt::format("{}: '{}' is not UTF-8: convert the file, for example with `iconv -f latin1 -t utf8`",
                      reader_.where(), printable(text)));
    }
    field.present = !field.text.empty();
    field.had_blanks = text.size() != fields_[static_cast<size_t>(column)].size();
  }

  /// `unknown` is MovieLens' flag of a movie without genres.
  void take_flags(RecordField& field) const {
    for (size_t c = form_.first_flag; c < columns_.names.size(); ++c) {
      if (trimmed(fields_[c]) == "1" && columns_.names[c] != "unknown") field.list.push_back(columns_.names[c]);
    }
    field.present = !field.list.empty();
  }

  void remark_columns() {
    std::string taken;
    for (size_t w = 0; w < wanted_.size(); ++w) {
      const int column = columns_.indices[w];
      if (column < 0) continue;
      taken += fmt::format("{}{} is column {}", taken.empty() ? "" : ", ", wanted_[w].what, column + 1);
      if (columns_.has_header) taken += fmt::format(" ({})", printable(columns_.names[static_cast<size_t>(column)]));
    }
    remarks_.push_back(taken + (columns_.has_header ? "" : "; the file has no header"));
    const bool unnamed =
        columns_.has_header && (columns_.names[0].empty() || columns_.names[0].starts_with("Unnamed:"));
    if (unnamed && std::find(columns_.indices.begin(), columns_.indices.end(), 0) == columns_.indices.end())
      remarks_.push_back("column 1 has no name: it is taken for an index, and ignored");
  }

  RecordForm form_;
  std::vector<WantedField> wanted_;
  RawReader reader_;
  LineSplitter splitter_;
  RecordColumns columns_;
  std::vector<std::string_view> fields_;
  std::vector<RecordField> record_;
  std::string first_user_;  // what the first line has in the user's column
  std::string joined_;
  std::vector<std::string> remarks_;
  int64_t converted_ = 0;
};

}  // namespace

std::unique_ptr<RecordReader> open_delimited_records(const fs::path& path, const RecordForm& form,
                                                     std::vector<WantedField> wanted, const std::string& expected) {
  return std::make_unique<DelimitedRecords>(path, form, std::move(wanted), expected);
}

std::unique_ptr<RecordReader> open_records(const fs::path& path, const RecordForm& form,
                                           std::vector<WantedField> wanted, const std::string& expected) {
  // A table of any columns may also be in Parquet.
  const bool any_table = form.lines == RecordLines::delimited && form.header == HeaderLine::required;
  if (any_table && is_parquet(path)) return open_parquet_records(path, std::move(wanted), expected);
  switch (form.lines) {
    case RecordLines::delimited: return open_delimited_records(path, form, std::move(wanted), expected);
    case RecordLines::json:
    case RecordLines::python: return open_json_records(path, form, std::move(wanted), expected);
    default: return open_nested_records(path, form, wanted.size(), expected);
  }
}

}  // namespace latentcrs
