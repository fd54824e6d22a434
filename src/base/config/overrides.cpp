#include "base/config/overrides.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/config/override_parser.h"
#include "base/config/words.h"

namespace latentcrs {

namespace {

constexpr const char* kForms =
    "an override has the form key=value, group=choice, +key=value, +group=choice, ~key or ~key=value";

bool is_key_start(char c) { return is_name_start(c) || c == '$'; }

/// A part of a dotted key: a name that may hold $, or an index.
bool is_key_part(std::string_view text) {
  if (text.empty()) return false;
  if (unsigned_length(text) == text.size()) return true;
  return is_key_start(text[0]) && std::all_of(text.begin(), text.end(), [](char c) {
           return is_key_start(c) || c == '-' || (c >= '0' && c <= '9');
         });
}

template <class Check>
bool all_parts(std::string_view text, char separator, const Check& check) {
  for (size_t end = text.find(separator); end != std::string_view::npos; end = text.find(separator)) {
    if (!check(text.substr(0, end))) return false;
    text.remove_prefix(end + 1);
  }
  return check(text);
}

/// A dotted key; a first part that stands alone cannot be an index. Empty: the root.
bool is_dotted_key(std::string_view text) {
  if (text.empty()) return true;
  if (text.find('.') == std::string_view::npos && !is_key_start(text[0])) return false;
  return all_parts(text, '.', is_key_part);
}

bool is_group(std::string_view text) {
  return text.find('/') != std::string_view::npos &&
         all_parts(text, '/', [](std::string_view part) { return !part.empty() && name_length(part) == part.size(); });
}

Override::Kind take_prefix(std::string_view& text) {
  const auto take = [&text](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
  };
  if (take("~")) return Override::Kind::remove;
  if (take("++")) return Override::Kind::force_add;
  return take("+") ? Override::Kind::add : Override::Kind::change;
}

/// Takes the key and perhaps the package from `text`; false if they have another form.
bool take_key(std::string_view text, Override& parsed) {
  const size_t at = text.find('@');
  parsed.key = text.substr(0, at);
  if (at != std::string_view::npos) parsed.package = text.substr(at + 1);
  return (is_dotted_key(parsed.key) || is_group(parsed.key)) && (!parsed.package || is_dotted_key(*parsed.package));
}

/// nullopt after reporting a mistake.
std::optional<Override> parse_override(const std::string& text, const std::string& origin, Problems& problems) {
  Override parsed;
  parsed.text = text;
  parsed.origin = origin;
  const size_t equals = text.find('=');
  std::string_view key = std::string_view(text).substr(0, equals);
  parsed.kind = take_prefix(key);
  const bool needs_value = parsed.kind != Override::Kind::remove;
  if (!take_key(key, parsed) || parsed.key.empty() || (needs_value && equals == std::string::npos)) {
    problems.add(origin, "", kForms);
    return std::nullopt;
  }
  if (equals == std::string::npos) return parsed;
  const size_t begin = text.find_first_not_of(" \t", equals + 1);
  if (begin == std::string::npos) {
    parsed.value = text_node("", origin);
    return parsed;
  }
  try {
    ParsedValue value = parse_override_value(text.substr(begin));
    parsed.value = std::move(value.value);
    parsed.calls_function = value.calls_function;
  } catch (const WrongValue& e) {
    problems.add(origin, parsed.key, e.what());
    return std::nullopt;
  }
  return parsed;
}

/// Every part of the value comes from the override.
void set_origin(Node& node, const std::string& origin) {
  node.origin = origin;
  for (Node& item : node.items) set_origin(item, origin);
  for (NodeEntry& entry : node.entries) set_origin(entry.value, origin);
}

}  // namespace

std::string Override::key_text() const {
  static constexpr std::string_view prefixes[] = {"", "+", "++", "~"};
  return fmt::format("{}{}{}", prefixes[static_cast<size_t>(kind)], key, package ? "@" + *package : "");
}

std::vector<Override> parse_overrides(const std::vector<std::string>& texts, Problems& problems) {
  std::vector<Override> parsed;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string origin = fmt::format("override {}: {}", i + 1, texts[i]);
    std::optional<Override> override = parse_override(texts[i], origin, problems);
    if (!override) continue;
    if (override->value && !override->is_sweep()) set_origin(std::get<Node>(*override->value), origin);
    parsed.push_back(std::move(*override));
  }
  return parsed;
}

std::vector<Override> parse_single_overrides(const std::vector<std::string>& texts, Problems& problems) {
  std::vector<Override> parsed = parse_overrides(texts, problems);
  std::erase_if(parsed, [&](const Override& override) {
    if (!override.is_sweep()) return false;
    const Sweep& sweep = std::get<Sweep>(*override.value);
    if (sweep.kind == Sweep::Kind::choice && sweep.is_simple)
      problems.add(override.origin, override.key, "several values for one setting",
                   "[a, b] is a list, \"a, b\" is text, --multirun runs one value after the other");
    else
      problems.add(override.origin, override.key, "a sweep needs --multirun");
    return true;
  });
  return parsed;
}

}  // namespace latentcrs
