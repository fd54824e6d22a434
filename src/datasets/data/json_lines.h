// One JSON object a line, parsed in place with simdjson.
#pragma once

#include <simdjson.h>

#include <functional>
#include <string>
#include <string_view>

#include "datasets/data/raw_reader.h"

namespace latentcrs {

enum class LineDialect { json, python };  ///< python: lines may be Python literals, which are turned into JSON

class JsonLines {
 public:
  using Object = simdjson::ondemand::object;
  using Key = simdjson::ondemand::raw_json_string;
  using Value = simdjson::ondemand::value;
  /// Reads fields of one line's object, and returns the first failure. Strings live until the next line.
  using Visit = std::function<simdjson::error_code(Object&)>;

  /// `expected` and `accepted` as for RawReader.
  JsonLines(const fs::path& path, std::string expected, LineDialect dialect = LineDialect::json,
            double accepted = kMalformedShareAccepted)
      : reader_(path, std::move(expected), accepted), dialect_(dialect) {}

  /// Visits every line. A line with half of a surrogate pair that matters is visited again, with U+FFFD in its place,
  /// and counted. A line that is not a JSON object counts as malformed. Throws Error(data) for a byte that is not
  /// UTF-8, and for a last line that is cut off.
  void for_each(const Visit& visit);

  /// For Visit: calls `take(key, value)` for every field, until a failure.
  template <class Take>
  simdjson::error_code fields(Object& object, Take take) {
    for (auto entry : object) {
      simdjson::ondemand::field field;
      if (const simdjson::error_code failure = std::move(entry).get(field)) return failure;
      if (const simdjson::error_code failure = take(field.key(), field.value())) return failure;
    }
    const bool at_end = document_.current_location().error() == simdjson::OUT_OF_BOUNDS;
    return at_end ? simdjson::SUCCESS : simdjson::TRAILING_CONTENT;
  }

  // Readers of a field's value, for Visit. A valid JSON value of the wrong type is Error(data) that names the field.
  simdjson::error_code text(std::string_view field, Value value, std::string_view& out) const;
  simdjson::error_code number(std::string_view field, Value value, double& out) const;
  simdjson::error_code whole_number(std::string_view field, Value value, int64_t& out) const;
  /// null gives an empty text.
  simdjson::error_code optional_text(std::string_view field, Value value, std::string_view& out) const;
  /// The first element of a list of texts, or a text; empty for null and an empty list.
  simdjson::error_code first_text(std::string_view field, Value value, std::string_view& out) const;
  /// A list of texts joined by commas, or a text; empty for null.
  simdjson::error_code joined_texts(std::string_view field, Value value, std::string& out) const;

  const RawReader& reader() const { return reader_; }
  /// Counts the line that is visited as malformed.
  void malformed(const std::string& reason) { reader_.malformed(reason); }
  /// Throws Error(data): the line has no such field.
  [[noreturn]] void throw_missing(std::string_view field) const;

 private:
  simdjson::error_code visit_line(const Visit& visit);
  bool repair_line();
  bool convert_literal();
  simdjson::error_code wrong_value(std::string_view field, std::string_view wanted, Value value) const;

  RawReader reader_;
  LineDialect dialect_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::string_view line_;
  std::string repaired_;  // the line, where it had to be changed
};

}  // namespace latentcrs
