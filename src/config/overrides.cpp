#include "overrides.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "latentcrs/config/load_config.h"
#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Splits at the commas that stand outside brackets and quotes.
std::vector<std::string> split_sweep(std::string_view value) {
  std::vector<std::string> parts;
  int depth = 0;
  char quote = 0;
  size_t begin = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"')
        ++i;
      else if (c == quote)
        quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[' || c == '{') {
      ++depth;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',' && depth == 0) {
      parts.push_back(trimmed(value.substr(begin, i - begin)));
      begin = i + 1;
    }
  }
  parts.push_back(trimmed(value.substr(begin)));
  return parts;
}

/// Brackets and quotes are YAML; anything else is plain text, so that no `#`, `:` or `*` in it means anything.
Node parse_value(const std::string& text, const std::string& origin, Problems& problems) {
  if (!text.empty() && std::string_view("[{\"'").find(text[0]) != std::string_view::npos)
    return parse_yaml_value(text, origin, problems);
  if (text != "null" && text != "~") return scalar_node(text, origin);
  Node null;
  null.origin = origin;
  return null;
}

/// nullopt after reporting what is wrong with it.
std::optional<Override> parse_override(const std::string& text, const std::string& origin, Problems& problems) {
  const size_t before = problems.count();
  Override parsed;
  parsed.origin = origin;
  const size_t equals = text.find('=');
  size_t key_begin = 0;
  if (text.starts_with('~')) {
    parsed.kind = Override::Kind::remove;
    key_begin = 1;
    if (equals != std::string::npos) problems.add(origin, "", "a removal takes no value", "write ~key");
  } else if (text.starts_with('+')) {
    // `++` sets a key whether it is there or not; every key is.
    parsed.kind = text.starts_with("++") ? Override::Kind::set : Override::Kind::append;
    key_begin = text.starts_with("++") ? 2 : 1;
  }
  parsed.key = trimmed(std::string_view(text).substr(key_begin, equals - key_begin));
  if (parsed.key.empty() || (equals == std::string::npos && parsed.kind != Override::Kind::remove)) {
    problems.add(origin, "", "an override has the form key=value, group=choice, +group=choice or ~key");
  } else if (parsed.kind != Override::Kind::remove) {
    const std::string value = trimmed(std::string_view(text).substr(equals + 1));
    if (split_sweep(value).size() > 1)
      problems.add(origin, parsed.key, "several values for one setting",
                   "[a, b] is a list, \"a, b\" is text, --multirun runs one value after the other");
    else
      parsed.value = parse_value(value, origin, problems);
  }
  if (problems.count() != before) return std::nullopt;
  return parsed;
}

}  // namespace

Node Override::tree() const {
  Node tree = value;
  std::string path = key;
  while (!path.empty()) {
    const size_t dot = path.rfind('.');
    Node map;
    map.kind = Node::Kind::map;
    map.origin = origin;
    map.entries.push_back({path.substr(dot + 1), std::move(tree)});
    tree = std::move(map);
    path.resize(dot == std::string::npos ? 0 : dot);
  }
  return tree;
}

std::vector<Override> parse_overrides(const std::vector<std::string>& texts, Problems& problems) {
  std::vector<Override> parsed;
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string origin = fmt::format("override {}: {}", i + 1, texts[i]);
    if (auto override = parse_override(texts[i], origin, problems)) parsed.push_back(std::move(*override));
  }
  return parsed;
}

std::vector<std::vector<std::string>> expand_multirun(const std::vector<std::string>& overrides) {
  std::vector<std::vector<std::string>> jobs = {{}};
  for (const std::string& text : overrides) {
    const size_t equals = text.find('=');
    std::vector<std::string> choices = {text};
    if (equals != std::string::npos) {
      choices = split_sweep(std::string_view(text).substr(equals + 1));
      for (std::string& choice : choices) {
        if (choice.empty() && choices.size() > 1)
          throw config_error(text + ": an empty value in a sweep (remove the extra comma)");
        choice = text.substr(0, equals + 1) + choice;
      }
    }
    std::vector<std::vector<std::string>> expanded;
    for (const std::vector<std::string>& job : jobs) {
      for (const std::string& choice : choices) {
        expanded.push_back(job);
        expanded.back().push_back(choice);
      }
    }
    jobs = std::move(expanded);
  }
  return jobs;
}

}  // namespace latentcrs
