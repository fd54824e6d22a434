#include "base/config/field_value.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <regex>

#include "base/config/json_node.h"
#include "base/config/nearest.h"
#include "base/config/numbers.h"
#include "base/util/home.h"
#include "base/util/text.h"
#include "base/util/utf8.h"

namespace latentcrs {

namespace {

using nlohmann::ordered_json;

template <size_t N>
bool is_one_of(const std::string& text, const std::array<const char*, N>& words) {
  return std::find(words.begin(), words.end(), lower_case(text)) != words.end();
}

constexpr std::array kTrue = {"true", "yes", "on"};
constexpr std::array kFalse = {"false", "no", "off"};
constexpr std::array kNull = {"null", "~"};

/// An integer, or a text that is one (from an environment variable, for example); false if it is neither or does not
/// fit.
template <class T>
bool parse_number(const Node& node, T& value) {
  const std::optional<std::string> digits = node.kind == Node::Kind::integer ? node.text
                                            : node.kind == Node::Kind::text  ? python_int(node.text)
                                                                             : std::nullopt;
  if (!digits) return false;
  const char* end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value);
  return error == std::errc{} && stop == end;
}

bool parse_number(const Node& node, double& value) {
  const std::optional<double> real = node.kind == Node::Kind::text ? python_real(node.text) : std::nullopt;
  if (!real && node.kind != Node::Kind::integer && node.kind != Node::Kind::real) return false;
  value = real ? *real : real_of(node);
  return true;
}

std::string range_text(const Rule& rule) {
  std::string text;
  if (std::isfinite(rule.low) && std::isfinite(rule.high)) {
    text = fmt::format("in {}{}, {}{}", rule.low_excluded ? '(' : '[', rule.low, rule.high,
                       rule.high_excluded ? ')' : ']');
  } else if (std::isfinite(rule.low)) {
    text = fmt::format("{} {}", rule.low_excluded ? ">" : ">=", rule.low);
  }
  if (rule.inherits) text += fmt::format(", or {} for the value at the root", *rule.inherits);
  return text;
}

bool in_range(const Rule& rule, double value) {
  if (rule.inherits && value == *rule.inherits) return true;
  return (rule.low_excluded ? value > rule.low : value >= rule.low) &&
         (rule.high_excluded ? value < rule.high : value <= rule.high);
}

/// Stores one node in one field, by the field's type.
class Assigner {
 public:
  Assigner(const std::string& key, const Rule& rule, const Node& node, Problems& problems)
      : key_(key), rule_(rule), node_(node), problems_(problems) {}

  void operator()(bool* value) {
    const bool is_word = node_.kind == Node::Kind::boolean || node_.kind == Node::Kind::text;
    if (is_word && is_one_of(node_.text, kTrue))
      *value = true;
    else if (is_word && is_one_of(node_.text, kFalse))
      *value = false;
    else
      wrong_type("true or false");
  }
  void operator()(int* value) { number(value, "an integer"); }
  void operator()(int64_t* value) { number(value, "an integer"); }
  void operator()(double* value) { number(value, "a number"); }

  void operator()(std::string* value) {
    if (rule_.json_object) return object_text(value);
    if (node_.is_container()) return wrong_type("text");
    if (!is_utf8(node_.text)) return report("is not valid UTF-8");
    const std::string text = node_.kind == Node::Kind::null ? "" : node_.text;
    if (!rule_.choices.empty() && index_of(rule_.choices) == rule_.choices.size()) return unknown_choice(rule_.choices);
    if (!is_certain()) return report(fmt::format("{} is read as {}, not as text", describe(node_), text), "quote it");
    *value = rule_.path ? path(text) : text;
  }

  void operator()(const EnumRef& value) {
    if (!is_scalar()) return wrong_type("one of " + fmt::format("{}", fmt::join(value.names, ", ")));
    const size_t index = index_of(value.names);
    if (index == value.names.size()) return unknown_choice(value.names);
    value.set(index);
  }

  void operator()(std::vector<int>* value) { list(value, "a list of integers"); }
  void operator()(std::vector<std::string>* value) { list(value, "a list of text"); }

  void operator()(std::vector<StageOptions>* value) {
    if (node_.kind != Node::Kind::list) return wrong_type("a list of stages");
    std::vector<StageOptions> stages;
    for (const Node& item : node_.items) stages.push_back(stage(item, join_key(key_, std::to_string(stages.size()))));
    *value = stages;
  }

 private:
  bool is_scalar() const { return node_.is_scalar(); }

  /// False for a number or a truth value that would be another text than the written one: 1e-3, 010, yes.
  bool is_certain() const {
    if (node_.kind == Node::Kind::text || node_.kind == Node::Kind::null || !node_.interpolation.empty()) return true;
    return node_.kind != Node::Kind::boolean && (node_.raw.empty() || node_.raw == node_.text);
  }

  /// The text with `~` at its start replaced as a shell does.
  std::string path(const std::string& text) {
    if (const auto expanded = expand_home(text)) return *expanded;
    const std::string first = text.substr(0, text.find('/'));
    report(first == "~" ? "names the home folder, and neither $HOME nor the list of users tells it"
                        : "begins with " + first + ", and only ~ and ~/… are expanded",
           "give the whole path, or ./" + first + "… for a name that begins with ~");
    return text;
  }

  size_t index_of(const std::vector<std::string>& names) const {
    return static_cast<size_t>(std::find(names.begin(), names.end(), node_.text) - names.begin());
  }

  /// A JSON object as text, or a map.
  void object_text(std::string* value) {
    const bool is_empty = node_.kind == Node::Kind::null || node_.is_text("");
    if (node_.kind == Node::Kind::text && !is_empty) {
      if (!object_node(node_.text, "")) return wrong_type("a map, or the text of a JSON object");
      *value = node_.text;
      return;
    }
    if (!is_empty && node_.kind != Node::Kind::map) return wrong_type("a map, or the text of a JSON object");
    std::string problem = missing_entry(node_, "");
    const std::optional<ordered_json> object =
        problem.empty() && !is_empty ? json_of(node_, problem) : ordered_json::object();
    if (!problem.empty()) return report(problem);
    try {
      *value = object->dump();
    } catch (const ordered_json::type_error&) {
      report("is not valid UTF-8");
    }
  }

  /// A sentence for messages: an entry has to be given; "" if the list may be empty.
  static std::string missing_entry(const Node& node, const std::string& at) {
    if (node.is_text("???")) return fmt::format("{} has no value yet", at);
    for (const NodeEntry& entry : node.entries)
      if (std::string problem = missing_entry(entry.value, join_key(at, entry.key)); !problem.empty()) return problem;
    for (size_t i = 0; i < node.items.size(); ++i)
      if (std::string problem = missing_entry(node.items[i], join_key(at, std::to_string(i))); !problem.empty())
        return problem;
    return {};
  }

  template <class T>
  void number(T* value, const char* type) {
    T parsed{};
    if (!is_scalar() || !parse_number(node_, parsed)) return wrong_type(type);
    if (!std::isfinite(static_cast<double>(parsed))) return wrong_type("a finite number");
    if (!in_range(rule_, static_cast<double>(parsed)))
      return report("must be " + range_text(rule_) + ", got " + (node_.raw.empty() ? node_.text : node_.raw));
    *value = parsed;
  }

  template <class T>
  void list(std::vector<T>* value, const char* type) {
    std::vector<Node> items = node_.items;
    if (is_scalar())
      items = {node_};  // one value stands for a list of one entry
    else if (node_.kind != Node::Kind::list)
      return wrong_type(type);
    std::vector<T> parsed;
    for (const Node& item : items) {
      T element{};
      if (item.kind == Node::Kind::null)
        Assigner(key_, rule_, item, problems_).wrong_type(type);
      else
        Assigner(key_, rule_, item, problems_)(&element);
      parsed.push_back(element);
    }
    *value = parsed;
  }

  StageOptions stage(const Node& item, const std::string& at) {
    StageOptions options;
    if (item.kind != Node::Kind::map) {
      Assigner(at, rule_, item, problems_).wrong_type("a map such as {name: joint}");
      return options;
    }
    const std::vector<Field> fields = stage_schema(options);
    std::vector<std::string> names;
    for (const Field& field : fields) names.push_back(field.key);
    for (const NodeEntry& entry : item.entries) {
      const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.key == entry.key; });
      if (field == fields.end())
        problems_.add(entry.value.origin, join_key(at, entry.key), "unknown key", did_you_mean(entry.key, names));
      else
        std::visit(Assigner(join_key(at, entry.key), field->rule, entry.value, problems_), field->ref);
    }
    if (options.name.empty()) problems_.add(item.origin, at, "a stage needs a name");
    return options;
  }

  void wrong_type(const std::string& expected) { report("expected " + expected + ", got " + describe(node_)); }

  void unknown_choice(const std::vector<std::string>& choices) {
    std::vector<std::string> shown = choices;
    std::replace(shown.begin(), shown.end(), std::string(), std::string("''"));
    report(fmt::format("unknown choice {}; choices: {}", describe(node_), fmt::join(shown, ", ")),
           did_you_mean(node_.text, choices));
  }

  void report(const std::string& problem, const std::string& hint = {}) {
    const std::string from = node_.interpolation.empty() ? "" : "from '" + node_.interpolation + "'";
    problems_.add(node_.origin, key_, problem, hint + (hint.empty() || from.empty() ? "" : "; ") + from);
  }

  std::string key_;
  const Rule& rule_;
  const Node& node_;
  Problems& problems_;
};

struct ToJson {
  ordered_json operator()(const EnumRef& value) const { return value.names[value.get()]; }
  ordered_json operator()(const std::vector<StageOptions>* stages) const {
    ordered_json list = ordered_json::array();
    for (StageOptions stage : *stages) {
      ordered_json& map = list.emplace_back(ordered_json::object());
      for (const Field& field : stage_schema(stage)) map[field.key] = to_json(field);
    }
    return list;
  }
  template <class T>
  ordered_json operator()(const T* value) const {
    return *value;
  }
};

/// Text that YAML reads as itself without quotes, in every place.
bool is_plain(const std::string& text) {
  static const std::regex plain(R"([A-Za-z_./][A-Za-z0-9_./+@-]*( [A-Za-z0-9_./+@-]+)*)");
  static const std::regex number(R"([.]?[0-9].*|[.](inf|nan))", std::regex::icase);
  constexpr size_t kLongest = 1000;  // std::regex needs a stack as deep as the text is long
  return text.size() <= kLongest && std::regex_match(text, plain) && !std::regex_match(text, number) &&
         !is_one_of(text, kTrue) && !is_one_of(text, kFalse) && !is_one_of(text, kNull) && lower_case(text) != "y" &&
         lower_case(text) != "n";
}

}  // namespace

std::string without_interpolations(const std::string& text) {
  static const std::regex opening(R"((\\*)\$\{)");
  return std::regex_replace(text, opening, R"($1$1\${)");
}

void assign(const Field& field, const Node& node, Problems& problems) {
  std::visit(Assigner(field.key, field.rule, node, problems), field.ref);
}

ordered_json to_json(const Field& field) { return std::visit(ToJson{}, field.ref); }

std::string to_yaml_text(const ordered_json& value) {
  if (value.is_string()) {
    const std::string text = without_interpolations(value.get<std::string>());
    return is_plain(text) ? text : ordered_json(text).dump();
  }
  if (!value.is_structured()) return value.dump();
  std::vector<std::string> parts;
  for (const auto& [key, item] : value.items())
    parts.push_back(value.is_object() ? key + ": " + to_yaml_text(item) : to_yaml_text(item));
  return fmt::format(fmt::runtime(value.is_object() ? "{{{}}}" : "[{}]"), fmt::join(parts, ", "));
}

}  // namespace latentcrs
