#include "datasets/data/json_lines.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/util/error.h"
#include "base/util/text.h"
#include "datasets/data/half_surrogates.h"
#include "datasets/data/printable.h"
#include "datasets/data/python_literal.h"

namespace latentcrs {

using simdjson::error_code;
using simdjson::SUCCESS;
using simdjson::ondemand::json_type;

static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

void JsonLines::for_each(const Visit& visit) {
  bool whole = true;
  while (reader_.next(line_)) {
    error_code failure = visit_line(visit);
    if (failure && dialect_ == LineDialect::python && convert_literal()) failure = visit_line(visit);
    if (failure && repair_line()) failure = visit_line(visit);
    whole = failure == SUCCESS;
    if (failure == simdjson::UTF8_ERROR) throw data_error(fmt::format("{}: the line is not UTF-8", reader_.where()));
    if (!whole)
      reader_.malformed(
          looks_like_python(line_)
              ? std::string("a Python literal, not a JSON object (the formats amazon-2014 and steam read such lines)")
              : fmt::format("not a JSON object: {}", simdjson::error_message(failure)));
  }
  if (!whole) throw data_error(fmt::format("{}: the last line is cut off (is the file complete?)", reader_.where()));
}

bool JsonLines::repair_line() {
  repaired_.reserve(line_.size() + kLinePadding);
  repaired_ = line_;
  if (replace_half_surrogates(repaired_) == 0) return false;
  line_ = repaired_;
  reader_.repaired();
  return true;
}

/// The line as JSON, if it is a Python literal.
bool JsonLines::convert_literal() {
  std::optional<std::string> json = json_from_python(line_);
  if (!json) return false;
  repaired_ = std::move(*json);
  repaired_.reserve(repaired_.size() + kLinePadding);
  line_ = repaired_;
  return true;
}

error_code JsonLines::visit_line(const Visit& visit) {
  const simdjson::padded_string_view padded(line_.data(), line_.size(), line_.size() + kLinePadding);
  if (const error_code failure = parser_.iterate(padded).get(document_)) return failure;
  Object object;
  const error_code failure = document_.get_object().get(object);
  return failure ? failure : visit(object);
}

error_code JsonLines::text(std::string_view field, Value value, std::string_view& out) const {
  return value.get_string().get(out) == SUCCESS ? SUCCESS : wrong_value(field, "a text", value);
}

error_code JsonLines::number(std::string_view field, Value value, double& out) const {
  return value.get_double().get(out) == SUCCESS ? SUCCESS : wrong_value(field, "a number", value);
}

error_code JsonLines::whole_number(std::string_view field, Value value, int64_t& out) const {
  if (value.get_int64().get(out) == SUCCESS) return SUCCESS;
  constexpr double kExact = 9007199254740992;  // 2^53: doubles up to here are whole numbers one by one
  double number = 0;
  if (value.get_double().get(number) != SUCCESS) return wrong_value(field, "a whole number", value);
  if (std::trunc(number) != number || std::abs(number) > kExact) {
    throw data_error(fmt::format("{}: \"{}\" must be a whole number, not {}", reader_.where(), field, number));
  }
  out = static_cast<int64_t>(number);
  return SUCCESS;
}

error_code JsonLines::optional_text(std::string_view field, Value value, std::string_view& out) const {
  json_type type;
  if (const error_code failure = value.type().get(type)) return failure;
  out = {};
  return type == json_type::null ? SUCCESS : text(field, value, out);
}

error_code JsonLines::first_text(std::string_view field, Value value, std::string_view& out) const {
  json_type type;
  if (const error_code failure = value.type().get(type)) return failure;
  if (type != json_type::array) return optional_text(field, value, out);
  out = {};
  for (auto element : value.get_array()) {
    Value first;
    if (const error_code failure = element.get(first)) return failure;
    return optional_text(field, first, out);
  }
  return SUCCESS;
}

error_code JsonLines::joined_texts(std::string_view field, Value value, std::string& out) const {
  json_type type;
  if (const error_code failure = value.type().get(type)) return failure;
  out.clear();
  std::string_view part;
  if (type != json_type::array) {
    const error_code failure = optional_text(field, value, part);
    out = part;
    return failure;
  }
  bool first = true;
  for (auto element : value.get_array()) {
    Value next;
    if (const error_code failure = element.get(next)) return failure;
    if (const error_code failure = text(field, next, part)) return failure;
    if (!first) out += ',';
    out += part;
    first = false;
  }
  return SUCCESS;
}

void JsonLines::throw_missing(std::string_view field) const {
  throw data_error(fmt::format("{}: no field \"{}\"; expected {}", reader_.where(), field, reader_.expected()));
}

/// A value of the wrong type is an error, but a line that is not JSON counts as malformed. NaN and Infinity, which
/// Python's json writes although JSON does not know them, are wrong values.
error_code JsonLines::wrong_value(std::string_view field, std::string_view wanted, Value value) const {
  const std::string_view token = trimmed_end(value.raw_json_token(), " \t");
  const bool of_python = token == "NaN" || token == "Infinity" || token == "-Infinity";
  if (!of_python && !nlohmann::json::accept(line_)) return simdjson::TAPE_ERROR;
  throw data_error(fmt::format("{}: \"{}\" must be {}, not {}", reader_.where(), field, wanted, printable(token)));
}

}  // namespace latentcrs
