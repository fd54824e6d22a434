#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/util/error.h"
#include "base/util/text.h"
#include "datasets/data/json_lines.h"
#include "datasets/data/record_reader.h"

namespace latentcrs {
namespace {

using simdjson::error_code;
using simdjson::SUCCESS;
using simdjson::ondemand::json_type;

/// Adds the texts of a list, and of the lists inside it.
error_code add_texts(JsonLines::Value value, std::vector<std::string>& out) {
  json_type type;
  if (const error_code failure = value.type().get(type)) return failure;
  if (type == json_type::array) {
    for (auto element : value.get_array()) {
      JsonLines::Value next;
      if (const error_code failure = element.get(next)) return failure;
      if (const error_code failure = add_texts(next, out)) return failure;
    }
    return SUCCESS;
  }
  if (type == json_type::string) {
    std::string_view text;
    if (const error_code failure = value.get_string().get(text)) return failure;
    out.emplace_back(text);
  } else if (type == json_type::number || type == json_type::boolean) {
    out.emplace_back(trimmed(value.raw_json_token()));
  }
  return SUCCESS;
}

/// The key as the line writes it.
std::string text_of(JsonLines::Key key) {
  const char* const begin = key.raw();
  const char* end = begin;
  while (*end != '"') ++end;
  return {begin, end};
}

class JsonRecords : public RecordReader {
 public:
  JsonRecords(const fs::path& path, const RecordForm& form, std::vector<WantedField> wanted,
              const std::string& expected)
      : wanted_(std::move(wanted)),
        lines_(path, expected, form.lines == RecordLines::python ? LineDialect::python : LineDialect::json,
               form.accepted_malformed),
        record_(wanted_.size()),
        ranks_(wanted_.size()),
        found_(wanted_.size()) {
    for (const WantedField& field : wanted_)
      for (const std::string& name : field.names) has_paths_ = has_paths_ || name.find('.') != std::string::npos;
  }

  void for_each(const Visit& visit) override {
    lines_.for_each([&](JsonLines::Object& object) {
      for (RecordField& field : record_) field.present = false;
      const error_code failure =
          lines_.fields(object, [&](JsonLines::Key key, JsonLines::Value value) { return take_field(key, value); });
      if (failure) return failure;
      for (size_t w = 0; w < wanted_.size(); ++w) found_[w] = found_[w] || record_[w].present;
      if (const std::string reason = visit(record_); !reason.empty()) lines_.malformed(reason);
      return SUCCESS;
    });
    for (size_t w = 0; w < wanted_.size(); ++w) {
      if (wanted_[w].required && !found_[w] && !wanted_[w].setting.empty())
        throw data_error(fmt::format("{}: {} names '{}', but the fields of the first line are {}",
                                     lines_.reader().where(), wanted_[w].setting, wanted_[w].names.at(0),
                                     fmt::join(first_keys_, ", ")));
      if (wanted_[w].required && !found_[w])
        throw data_error(fmt::format("{}: no line has the field of the {} ({}); expected {}", lines_.reader().where(),
                                     wanted_[w].what, fmt::join(wanted_[w].names, ", "), lines_.reader().expected()));
    }
  }

  const RawReader& lines() const override { return lines_.reader(); }
  bool has(size_t wanted) const override { return found_[wanted]; }
  std::string header_of(size_t) const override { return {}; }
  std::vector<std::string> remarks() const override { return {}; }

 private:
  /// Of several names of a field the first one counts that has a value.
  error_code take_field(JsonLines::Key key, JsonLines::Value value) {
    if (lines_.reader().line_number() == 1) first_keys_.push_back(text_of(key));
    const auto is_key = [&](const std::string& name) { return key == name; };
    bool taken = false;
    if (const error_code failure = take_value(is_key, value, taken)) return failure;
    return taken || !has_paths_ ? SUCCESS : take_fields_below(text_of(key), value);
  }

  /// Takes the fields of the object `path` that are wanted as "path.field".
  error_code take_fields_below(const std::string& path, JsonLines::Value value) {
    if (!is_wanted_object(path)) return SUCCESS;
    json_type type;
    if (const error_code failure = value.type().get(type)) return failure;
    if (type != json_type::object) return SUCCESS;
    for (auto entry : value.get_object()) {
      simdjson::ondemand::field field;
      if (const error_code failure = std::move(entry).get(field)) return failure;
      const std::string inner = path + "." + text_of(field.key());
      bool taken = false;
      const auto is_inner = [&](const std::string& name) { return name == inner; };
      if (const error_code failure = take_value(is_inner, field.value(), taken)) return failure;
      if (taken) continue;
      if (const error_code failure = take_fields_below(inner, field.value())) return failure;
    }
    return SUCCESS;
  }

  bool is_wanted_object(const std::string& path) const {
    return std::any_of(wanted_.begin(), wanted_.end(), [&](const WantedField& field) {
      return std::any_of(field.names.begin(), field.names.end(),
                         [&](const std::string& name) { return name.starts_with(path + "."); });
    });
  }

  /// Takes the value of the first wanted field that has a name for which `is_named` holds. A value can be read once;
  /// two wanted fields of one name do not occur.
  template <class IsNamed>
  error_code take_value(IsNamed is_named, JsonLines::Value value, bool& taken) {
    for (size_t w = 0; w < wanted_.size(); ++w) {
      const std::vector<std::string>& names = wanted_[w].names;
      const auto name = std::find_if(names.begin(), names.end(), is_named);
      if (name == names.end()) continue;
      taken = true;
      const auto rank = static_cast<size_t>(name - names.begin());
      if (record_[w].present && ranks_[w] <= rank) return SUCCESS;
      std::vector<std::string> texts;
      if (const error_code failure = add_texts(value, texts)) return failure;
      if (texts.empty() || is_blank(texts[0])) return SUCCESS;
      record_[w].present = true;
      ranks_[w] = rank;
      record_[w].text = trimmed(texts[0]);
      record_[w].had_blanks = record_[w].text.size() != texts[0].size();
      record_[w].list = std::move(texts);
      return SUCCESS;
    }
    return SUCCESS;
  }

  std::vector<WantedField> wanted_;
  JsonLines lines_;
  std::vector<RecordField> record_;
  std::vector<size_t> ranks_;
  std::vector<bool> found_;
  bool has_paths_ = false;               // whether a wanted field lies in an object
  std::vector<std::string> first_keys_;  // of the first line
};

}  // namespace

std::unique_ptr<RecordReader> open_json_records(const fs::path& path, const RecordForm& form,
                                                std::vector<WantedField> wanted, const std::string& expected) {
  return std::make_unique<JsonRecords>(path, form, std::move(wanted), expected);
}

}  // namespace latentcrs
