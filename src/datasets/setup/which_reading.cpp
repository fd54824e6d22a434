#include "datasets/setup/which_reading.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "base/config/field_value.h"
#include "base/util/error.h"
#include "base/util/text.h"

namespace latentcrs {
namespace {

/// A word as a shell takes it.
std::string shell_word(const std::string& word) {
  if (word.find_first_of(" \t'\"|;&<>()$`\\*?[]{}#~!") == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

constexpr std::string_view kNone = "\"\"";

/// A number needs no quotes to be the text of an override.
std::string without_quotes(const std::string& value) {
  const std::string inside = value.size() > 2 ? value.substr(1, value.size() - 2) : "";
  const bool number = value.starts_with('"') && !inside.empty() && std::all_of(inside.begin(), inside.end(), is_digit);
  return number ? inside : value;
}

/// The settings in which some readings differ, for each reading as overrides.
std::vector<std::string> deciding_settings(const std::vector<Reading>& readings) {
  std::set<std::string> keys;
  for (const Reading& reading : readings) {
    for (const SettingValue& setting : differing_settings(readings[0].options, reading.options))
      keys.insert(setting.key);
  }
  std::vector<std::string> texts;
  for (const Reading& reading : readings) {
    std::vector<std::string> words;
    for (const auto& [key, value] : setting_values(reading.options)) {
      if (key == "datasets.columns.rating" && value == kNone && keys.contains(key)) words.push_back(key + "=");
      const bool left_open = value == kNone || value == "auto";
      if (keys.contains(key) && !left_open) words.push_back(shell_word(key + "=" + without_quotes(value)));
    }
    texts.push_back(fmt::format("{}", fmt::join(words, " ")));
  }
  return texts;
}

bool is_known_role(const Reading& reading) { return reading.role != FileRole::interactions; }

}  // namespace

std::vector<Reading> fitting_readings(std::vector<Reading> readings, const Answers& answers) {
  if (std::any_of(readings.begin(), readings.end(), is_known_role)) return readings;
  const auto agrees = [&](const Reading& reading) { return answers.agree_with(reading.options); };
  if (std::any_of(readings.begin(), readings.end(), agrees)) std::erase_if(readings, std::not_fn(agrees));
  const bool columns_given = readings.empty() && answers.has("datasets.columns.item");
  if (answers.has("datasets.format") || columns_given) {
    const std::string format = answers.has("datasets.format") ? answers.applied_to({}).format : "csv";
    const auto other = [&](const Reading& reading) { return reading.options.format != format; };
    if (std::all_of(readings.begin(), readings.end(), other)) {
      Reading given{.role = FileRole::interactions, .meaning = "read as datasets.format says"};
      given.options.format = format;
      readings = {given};
    }
  }
  std::vector<Reading> distinct;
  for (Reading& reading : readings) {
    reading.options = answers.applied_to(reading.options);
    const bool known = std::any_of(distinct.begin(), distinct.end(), [&](const Reading& other) {
      return differing_settings(reading.options, other.options).empty();
    });
    if (!known) distinct.push_back(std::move(reading));
  }
  return distinct;
}

void throw_which_reading(const std::filesystem::path& file, const std::vector<Reading>& readings) {
  const std::vector<std::string> settings = deciding_settings(readings);
  std::string text = fmt::format("{} can be read in {} ways, and nothing in it says which is right:\n", file.string(),
                                 readings.size());
  for (size_t i = 0; i < readings.size(); ++i)
    text += fmt::format("  {}. {}:\n       {}\n", i + 1, readings[i].meaning, settings[i]);
  text += fmt::format("Give the settings of one of them too, for example\n  latentcrs init {} {}",
                      shell_word(file.string()), settings[0]);
  throw usage_error(text);
}

}  // namespace latentcrs
