#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/config/field_value.h"
#include "base/config/load_config.h"
#include "base/config/schema.h"
#include "base/util/error.h"

namespace latentcrs {

namespace {

using nlohmann::ordered_json;

struct Line {
  std::string text;
  std::string origin;  // empty: a line without a comment
};

/// YAML lines of the settings, nested as their keys are. Fields of a section follow each other in the schema.
class YamlWriter {
 public:
  void add(const std::string& key, const ordered_json& value, const std::string& origin) {
    const std::string name = enter_section(key);
    const bool has_maps = value.is_array() && !value.empty() && value.front().is_object();
    lines_.push_back({indent() + name + (has_maps ? ":" : ": " + to_yaml_text(value)), origin});
    if (!has_maps) return;
    for (const ordered_json& item : value) lines_.push_back({indent() + "  - " + to_yaml_text(item), ""});
  }

  const std::vector<Line>& lines() const { return lines_; }

 private:
  std::string indent() const { return std::string(2 * sections_.size(), ' '); }

  /// Writes the headings of sections that begin with `key`; returns its last part.
  std::string enter_section(const std::string& key) {
    std::vector<std::string> parts;
    size_t begin = 0;
    for (size_t dot = key.find('.'); dot != std::string::npos; begin = dot + 1, dot = key.find('.', begin))
      parts.push_back(key.substr(begin, dot - begin));
    const auto shared = std::mismatch(sections_.begin(), sections_.end(), parts.begin(), parts.end()).second;
    sections_.assign(parts.begin(), shared);
    for (auto part = shared; part != parts.end(); ++part) {
      lines_.push_back({indent() + *part + ":", ""});
      sections_.push_back(*part);
    }
    return key.substr(begin);
  }

  std::vector<std::string> sections_;
  std::vector<Line> lines_;
};

}  // namespace

std::string to_yaml(const LoadedConfig& loaded, Origins origins) {
  std::map<std::string, std::string> origin_of;
  if (origins == Origins::as_comments)
    for (const ResolvedValue& value : loaded.values) origin_of[value.key] = value.origin;

  Config config = loaded.config;
  YamlWriter writer;
  for (const Field& field : schema(config)) writer.add(field.key, to_json(field), origin_of[field.key]);

  // Lines longer than this (a few lists) do not move all comments to the right.
  constexpr size_t kWidestColumn = 56;
  size_t column = 0;
  for (const Line& line : writer.lines()) column = std::max(column, std::min(line.text.size(), kWidestColumn));
  std::string yaml;
  for (const auto& [text, origin] : writer.lines())
    yaml += origin.empty() ? text + "\n" : fmt::format("{:<{}}  # {}\n", text, column, origin);
  return yaml;
}

std::string canonical_json(const Config& config, const std::string& section) {
  Config copy = config;
  nlohmann::json values = nlohmann::json::object();
  for (const Field& field : schema(copy)) {
    if (field.section != section) continue;
    std::string path = "/" + field.key;
    std::replace(path.begin(), path.end(), '.', '/');
    if (field.key.starts_with(section + ".")) path.erase(0, section.size() + 1);
    values[nlohmann::json::json_pointer(path)] = to_json(field);
  }
  if (values.empty()) throw internal_error("canonical_json: there is no section '" + section + "'");
  return values.dump();
}

}  // namespace latentcrs
