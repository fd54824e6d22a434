// Records of raw files: lines of delimited text, of lists, of JSON objects or of Python literals, whose fields are
// found by name or by number.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/raw_reader.h"
#include "datasets/data/string_table.h"

namespace latentcrs {

enum class RecordLines {
  delimited,
  lists,        ///< `user item item …`: a record `user`, `item` for each item
  json,         ///< JSON objects
  python,       ///< Python literals or JSON objects, line by line
  groups,       ///< `item:`, and below it `user,rating,time`, as the Netflix Prize has them
  histories,    ///< `user`, a list of earlier items, an item: RecBole's; the lists of known users repeat other lines
  impressions,  ///< `number`, `user`, `time`, a list of earlier items, `item-1 item-0 …`: MIND's; 1 is a click
};
enum class HeaderLine { none, required, optional };
/// doubled: "a ""b""", which may hold separators and line ends. escaped: "a \"b\"", which readers of doubled quotes
/// find by themselves.
enum class Quoting { none, doubled, escaped };

/// How the lines of a file are read.
struct RecordForm {
  RecordLines lines = RecordLines::delimited;
  std::string_view separator = ",";  ///< a blank: any number of blanks and tabs; empty: found in the header
  HeaderLine header = HeaderLine::required;
  Quoting quoting = Quoting::doubled;
  bool typed_header = false;                            ///< RecBole's `name:type`
  bool latin1 = false;                                  ///< fields that are not UTF-8 are ISO-8859-1
  bool last_takes_rest = false;                         ///< the last column has what is left, separators too
  std::span<const std::string_view> names = {};         ///< of the columns where no header names them
  double accepted_malformed = kMalformedShareAccepted;  ///< as for RawReader
  const StringTable* known_users = nullptr;             ///< histories: users of whom earlier lines or files had items
  size_t first_flag = 0;  ///< from this column (from 0) on, columns are 0 or 1; together they are the field "flags"
};

/// A field that a caller wants.
struct WantedField {
  std::string what;  ///< for messages: user, item, …
  std::vector<std::string>
      names;                 ///< the first that a JSON record has; exactly one of them is a column. "3": by number
  bool required = false;     ///< a file of columns must have it
  std::string setting = {};  ///< that names it; empty: datasets.columns.<what>
};

struct RecordField {
  bool present = false;           ///< false: absent, empty, null or None
  bool had_blanks = false;        ///< around the text
  std::string text;               ///< as written; of a list the first text
  std::vector<std::string> list;  ///< the texts of a list, of lists inside it too
};

/// What the fields of interactions mean.
struct InteractionForm {
  TimeUnit unit = TimeUnit::automatic;
  double best_rating = 0;
  bool reads_ratings = true, reads_times = true;  ///< where the file has them
};

class RecordReader {
 public:
  /// Takes the wanted fields of a record, and returns why the line is malformed, or an empty text.
  using Visit = std::function<std::string(const std::vector<RecordField>&)>;

  /// Takes plain rows of the wanted fields, which lie in `text`, and the number of the first one's line.
  using VisitRows = std::function<void(std::span<const PlainRow> rows, std::string_view text, int64_t first_line)>;

  virtual ~RecordReader() = default;
  /// Throws Error(data) for a file without a required column, and as RawReader does.
  virtual void for_each(const Visit& visit) = 0;
  /// The same for interactions, whose wanted fields are user, item, rating and time: runs of plain rows of a delimited
  /// file go to `visit_rows`, and everything else to `visit`.
  virtual void for_each_interaction(const InteractionForm& form, const VisitRows& visit_rows, const Visit& visit) {
    static_cast<void>(form);
    static_cast<void>(visit_rows);
    for_each(visit);
  }
  virtual const RawReader& lines() const = 0;
  /// Whether the file has the wanted field: as a column, or in some record so far.
  virtual bool has(size_t wanted) const = 0;
  /// The header's text above the wanted field; empty if there is none.
  virtual std::string header_of(size_t wanted) const = 0;
  /// What was found in the file: the separator, the columns taken, an index left out. For the log.
  virtual std::vector<std::string> remarks() const = 0;
};

/// `expected` as for RawReader.
std::unique_ptr<RecordReader> open_records(const std::filesystem::path& path, const RecordForm& form,
                                           std::vector<WantedField> wanted, const std::string& expected);
std::unique_ptr<RecordReader> open_json_records(const std::filesystem::path& path, const RecordForm& form,
                                                std::vector<WantedField> wanted, const std::string& expected);
std::unique_ptr<RecordReader> open_nested_records(const std::filesystem::path& path, const RecordForm& form,
                                                  size_t wanted, const std::string& expected);
std::unique_ptr<RecordReader> open_delimited_records(const std::filesystem::path& path, const RecordForm& form,
                                                     std::vector<WantedField> wanted, const std::string& expected);

}  // namespace latentcrs
