#include "base/config/override_functions.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "base/config/numbers.h"
#include "base/util/random.h"

namespace latentcrs {

namespace {

using NodeKind = Node::Kind;
using Cast = std::function<Node(const Node&)>;

/// A map or list with its values cast one by one.
std::optional<Node> cast_parts(const Node& node, const Cast& cast) {
  if (!node.is_container()) return std::nullopt;
  Node result = node;
  for (Node& item : result.items) item = cast(item);
  for (NodeEntry& entry : result.entries) entry.value = cast(entry.value);
  return result;
}

[[noreturn]] void cannot_cast(const Node& node, const char* type) {
  throw WrongValue(fmt::format("{} is no {}", describe(node), type));
}

Node to_integer(const Node& node) {
  if (auto parts = cast_parts(node, to_integer)) return *parts;
  if (node.kind == NodeKind::text) {
    if (const auto digits = python_int(node.text)) return integer_node(*digits);
  } else if (node.kind == NodeKind::real && std::isfinite(node.real)) {
    return integer_node(integer_digits(node.real));
  } else if (node.kind == NodeKind::boolean) {
    return integer_node(node.text == "True" ? "1" : "0");
  } else if (node.kind == NodeKind::integer) {
    return integer_node(node.text);
  }
  cannot_cast(node, "integer");
}

Node to_real(const Node& node) {
  if (auto parts = cast_parts(node, to_real)) return *parts;
  if (node.kind == NodeKind::text) {
    if (const auto value = python_real(node.text)) return real_node(*value);
  } else if (is_number(node)) {
    const double value = real_of(node);
    if (node.kind == NodeKind::real || std::isfinite(value)) return real_node(value);
  }
  cannot_cast(node, "number");
}

Node to_text(const Node& node) {
  if (auto parts = cast_parts(node, to_text)) return *parts;
  if (node.kind == NodeKind::null) cannot_cast(node, "text");
  if (node.kind == NodeKind::boolean) return text_node(node.text == "True" ? "true" : "false");
  return text_node(node.text);
}

Node to_boolean(const Node& node) {
  if (auto parts = cast_parts(node, to_boolean)) return *parts;
  if (node.kind == NodeKind::null) return boolean_node(false);
  if (is_number(node)) return boolean_node(!(real_of(node) == 0));
  if (node.kind == NodeKind::text) {
    std::string word = node.text;
    for (char& c : word)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (word == "true" || word == "false") return boolean_node(word == "true");
  }
  cannot_cast(node, "true or false");
}

/// a < b of Python; throws for values that Python does not compare.
bool less(const Node& a, const Node& b) {
  if (is_number(a) && is_number(b)) return compare_numbers(a, b) < 0;
  if (a.kind == NodeKind::text && b.kind == NodeKind::text && a.quote == 0 && b.quote == 0) return a.text < b.text;
  if (a.kind == NodeKind::list && b.kind == NodeKind::list) {
    for (size_t i = 0; i < std::min(a.items.size(), b.items.size()); ++i)
      if (!equal(a.items[i], b.items[i])) return less(a.items[i], b.items[i]);
    return a.items.size() < b.items.size();
  }
  throw WrongValue(fmt::format("{} and {} have no order", describe(a), describe(b)));
}

void sort_nodes(std::vector<Node>& nodes, bool is_reversed) {
  std::stable_sort(nodes.begin(), nodes.end(),
                   [is_reversed](const Node& a, const Node& b) { return is_reversed ? less(b, a) : less(a, b); });
}

/// a + sign * |b|, or sign * b with `absolute` false; of two integers an integer.
Node sum(const Node& a, const Node& b, int sign) {
  if (a.kind != NodeKind::real && b.kind != NodeKind::real) {
    const auto x = int64_of(to_integer(a)), y = int64_of(to_integer(b));
    constexpr int64_t kLargest = int64_t{1} << 60;
    if (!x || !y || std::llabs(*x) > kLargest || std::llabs(*y) > kLargest) throw WrongValue("a number is too large");
    return integer_node(std::to_string(*x + sign * std::llabs(*y)));
  }
  return real_node(real_of(a) + sign * std::fabs(real_of(b)));
}

Node negated(const Node& node) {
  const Node zero = integer_node("0");
  return compare_numbers(node, zero) > 0 ? sum(zero, node, -1) : sum(zero, node, 1);
}

void sort_sweep(Sweep& sweep, bool is_reversed) {
  if (sweep.kind == Sweep::Kind::choice) return sort_nodes(sweep.values, is_reversed);
  const int order = compare_numbers(sweep.start, sweep.stop);
  if (order == 0 || (order > 0) == is_reversed) return;
  const int sign = is_reversed ? -1 : 1;
  const Node start = sum(sweep.stop, sweep.step, sign);
  sweep.stop = sum(sweep.start, sweep.step, sign);
  sweep.start = start;
  sweep.step = negated(sweep.step);
}

Sweep simple_choice(std::vector<Node> values) {
  Sweep sweep;
  sweep.values = std::move(values);
  sweep.is_simple = true;
  return sweep;
}

/// The arguments of one call, taken out one after the other by position or name.
class CallArguments {
 public:
  explicit CallArguments(std::vector<Argument> arguments) {
    for (Argument& argument : arguments) {
      if (auto* node = std::get_if<Node>(&argument.value)) node->quote = 0;
      if (argument.name.empty()) {
        if (!named_.empty()) throw WrongValue("an argument without a name follows one with a name");
        positional_.push_back(std::move(argument.value));
      } else {
        named_[argument.name] = std::move(argument.value);
      }
    }
  }

  std::optional<OverrideValue> named(const std::string& name) {
    const auto found = named_.find(name);
    if (found == named_.end()) return std::nullopt;
    OverrideValue value = std::move(found->second);
    named_.erase(found);
    return value;
  }

  std::vector<OverrideValue> positional() { return std::exchange(positional_, {}); }

  /// The next argument by position, or else the one of that name.
  std::optional<OverrideValue> next(const std::string& name) {
    if (positional_.empty()) return named(name);
    OverrideValue value = std::move(positional_.front());
    positional_.erase(positional_.begin());
    if (named_.contains(name)) throw WrongValue(name + " is given twice");
    return value;
  }

  void finish() const {
    if (!positional_.empty()) throw WrongValue("too many arguments");
    if (!named_.empty()) throw WrongValue("there is no argument " + named_.begin()->first);
  }

 private:
  std::vector<OverrideValue> positional_;
  std::map<std::string, OverrideValue> named_;
};

/// The values of arguments that must not be sweeps.
std::vector<Node> plain_values(std::vector<OverrideValue> arguments, bool with_null) {
  std::vector<Node> values;
  for (OverrideValue& argument : arguments) {
    if (std::holds_alternative<Sweep>(argument)) throw WrongValue("a sweep cannot be one of several arguments");
    values.push_back(std::get<Node>(std::move(argument)));
    if (!with_null && values.back().kind == NodeKind::null) throw WrongValue("null cannot be an argument");
  }
  return values;
}

Node number_argument(const std::optional<OverrideValue>& value, const char* name) {
  if (!value) throw WrongValue(fmt::format("the argument {} is missing", name));
  const Node* node = std::get_if<Node>(&*value);
  if (node == nullptr || !is_number(*node)) throw WrongValue(fmt::format("{} must be a number", name));
  return node->kind == NodeKind::boolean ? to_integer(*node) : *node;
}

OverrideValue cast_value(OverrideValue value, const Cast& cast, bool casts_ranges, bool casts_intervals) {
  Sweep* sweep = std::get_if<Sweep>(&value);
  if (sweep == nullptr) return cast(std::get<Node>(value));
  if (sweep->kind == Sweep::Kind::glob) throw WrongValue("a glob cannot be cast");
  if (sweep->kind == Sweep::Kind::range && !casts_ranges) throw WrongValue("a range can only be cast to int or float");
  if (sweep->kind == Sweep::Kind::interval && !casts_intervals) throw WrongValue("an interval cannot be cast to that");
  for (Node& item : sweep->values) item = cast(item);
  if (sweep->kind != Sweep::Kind::choice)
    for (Node* number : {&sweep->start, &sweep->stop, &sweep->step}) *number = cast(*number);
  sweep->is_shuffled = false;
  return value;
}

OverrideValue call_cast(CallArguments& arguments, const Cast& cast, bool is_number_cast) {
  std::vector<OverrideValue> values = arguments.positional();
  if (std::optional<OverrideValue> value = arguments.named("value")) {
    if (!values.empty()) throw WrongValue("value= stands alone");
    values.push_back(*value);
  }
  arguments.finish();
  if (values.empty()) throw WrongValue("there is no argument");
  if (values.size() == 1) return cast_value(std::move(values.front()), cast, is_number_cast, is_number_cast);
  return cast_value(simple_choice(plain_values(std::move(values), true)), cast, is_number_cast, is_number_cast);
}

OverrideValue call_choice(CallArguments& arguments) {
  std::vector<OverrideValue> values = arguments.positional();
  arguments.finish();
  if (values.empty()) throw WrongValue("a choice needs values");
  if (Sweep* only = std::get_if<Sweep>(&values.front()); values.size() == 1 && only != nullptr) {
    if (only->kind != Sweep::Kind::choice || !only->is_simple) throw WrongValue("a choice cannot hold a sweep");
    only->is_simple = false;
    return *only;
  }
  Sweep sweep;
  sweep.values = plain_values(std::move(values), false);
  return sweep;
}

OverrideValue call_range(CallArguments& arguments) {
  Sweep sweep;
  sweep.kind = Sweep::Kind::range;
  sweep.start = number_argument(arguments.next("start"), "start");
  std::optional<OverrideValue> stop = arguments.next("stop");
  const std::optional<OverrideValue> step = arguments.next("step");
  arguments.finish();
  if (stop && std::holds_alternative<Node>(*stop) && std::get<Node>(*stop).kind == NodeKind::null) stop.reset();
  sweep.stop = stop ? number_argument(stop, "stop") : sweep.start;
  if (!stop) sweep.start = integer_node("0");
  sweep.step = step ? number_argument(step, "step") : integer_node("1");
  return sweep;
}

OverrideValue call_interval(CallArguments& arguments) {
  Sweep sweep;
  sweep.kind = Sweep::Kind::interval;
  sweep.start = to_real(number_argument(arguments.next("start"), "start"));
  sweep.stop = to_real(number_argument(arguments.next("end"), "end"));
  sweep.step = real_node(0);
  arguments.finish();
  return sweep;
}

std::vector<std::string> patterns(const std::optional<OverrideValue>& value, const char* name) {
  const Node* node = value ? std::get_if<Node>(&*value) : nullptr;
  std::vector<std::string> texts;
  const std::vector<Node> items = node == nullptr                ? std::vector<Node>{}
                                  : node->kind == NodeKind::list ? node->items
                                                                 : std::vector<Node>{*node};
  for (const Node& item : items) {
    if (item.kind != NodeKind::text) throw WrongValue(fmt::format("{} must be a pattern or a list of patterns", name));
    texts.push_back(item.text);
  }
  if (node == nullptr) throw WrongValue(fmt::format("{} must be a pattern or a list of patterns", name));
  return texts;
}

OverrideValue call_glob(CallArguments& arguments) {
  Sweep sweep;
  sweep.kind = Sweep::Kind::glob;
  sweep.included = patterns(arguments.next("include"), "include");
  std::optional<OverrideValue> excluded = arguments.next("exclude");
  arguments.finish();
  if (excluded && std::holds_alternative<Node>(*excluded) && std::get<Node>(*excluded).kind == NodeKind::null)
    excluded.reset();
  if (excluded) sweep.excluded = patterns(excluded, "exclude");
  return sweep;
}

/// Tags are for sweepers that search; here they change nothing.
OverrideValue call_tag(CallArguments& arguments) {
  std::vector<OverrideValue> values = arguments.positional();
  if (std::optional<OverrideValue> sweep = arguments.named("sweep")) {
    if (values.empty()) throw WrongValue("a tag is missing");
    values.push_back(*sweep);
  }
  arguments.finish();
  if (values.empty()) throw WrongValue("a sweep is missing");
  for (size_t i = 0; i + 1 < values.size(); ++i) {
    const Node* tag = std::get_if<Node>(&values[i]);
    if (tag == nullptr || tag->kind != NodeKind::text) throw WrongValue("a tag must be text");
  }
  const Sweep* sweep = std::get_if<Sweep>(&values.back());
  if (sweep == nullptr || sweep->kind == Sweep::Kind::glob)
    throw WrongValue("the last argument must be a choice or a range");
  return *sweep;
}

/// `sweep=` and `list=` stand for the only argument.
std::vector<OverrideValue> arguments_of_order(CallArguments& arguments) {
  std::vector<OverrideValue> values = arguments.positional();
  for (const char* name : {"list", "sweep"}) {
    std::optional<OverrideValue> only = arguments.named(name);
    if (!only) continue;
    const Node* list = std::get_if<Node>(&*only);
    if (std::string_view(name) == "list" ? list == nullptr || list->kind != NodeKind::list : list != nullptr)
      throw WrongValue(fmt::format("{} must be a {}", name, name));
    return {*only};
  }
  for (const OverrideValue& value : values) {
    const Node* node = std::get_if<Node>(&value);
    if (node != nullptr && node->kind == NodeKind::null) throw WrongValue("null cannot be an argument");
    const Sweep* sweep = std::get_if<Sweep>(&value);
    if (sweep != nullptr && sweep->kind != Sweep::Kind::choice && sweep->kind != Sweep::Kind::range)
      throw WrongValue("it takes a choice, a range or a list");
  }
  return values;
}

OverrideValue call_sort(CallArguments& arguments) {
  bool is_reversed = false;
  if (const std::optional<OverrideValue> reverse = arguments.named("reverse")) {
    const Node* node = std::get_if<Node>(&*reverse);
    if (node == nullptr || node->kind != NodeKind::boolean) throw WrongValue("reverse must be true or false");
    is_reversed = node->text == "True";
  }
  std::vector<OverrideValue> values = arguments_of_order(arguments);
  arguments.finish();
  if (values.empty()) throw WrongValue("there is nothing to sort");
  if (values.size() == 1) {
    if (Sweep* sweep = std::get_if<Sweep>(&values.front()))
      sort_sweep(*sweep, is_reversed);
    else
      sort_nodes(std::get<Node>(values.front()).items, is_reversed);
    return values.front();
  }
  Sweep sweep = simple_choice(plain_values(std::move(values), false));
  for (const Node& node : sweep.values)
    if (node.is_container()) throw WrongValue("of several arguments none can be a list or a map");
  sort_nodes(sweep.values, is_reversed);
  return sweep;
}

OverrideValue call_shuffle(CallArguments& arguments) {
  std::vector<OverrideValue> values = arguments_of_order(arguments);
  arguments.finish();
  if (values.size() != 1) {
    Sweep sweep = simple_choice(plain_values(std::move(values), false));
    sweep.is_shuffled = true;
    return sweep;
  }
  if (Sweep* sweep = std::get_if<Sweep>(&values.front())) {
    sweep->is_shuffled = true;
    return *sweep;
  }
  Node list = std::get<Node>(std::move(values.front()));
  if (list.kind != NodeKind::list) return list_node({std::move(list)});
  Rng(derive_seed(0, "shuffle")).shuffle(list.items);
  return list;
}

}  // namespace

OverrideValue call_override_function(const std::string& name, std::vector<Argument> arguments) {
  static const std::map<std::string, std::function<OverrideValue(CallArguments&)>> functions = {
      {"int", [](CallArguments& a) { return call_cast(a, to_integer, true); }},
      {"float", [](CallArguments& a) { return call_cast(a, to_real, true); }},
      {"str", [](CallArguments& a) { return call_cast(a, to_text, false); }},
      {"bool", [](CallArguments& a) { return call_cast(a, to_boolean, false); }},
      {"choice", call_choice},
      {"range", call_range},
      {"interval", call_interval},
      {"glob", call_glob},
      {"tag", call_tag},
      {"sort", call_sort},
      {"shuffle", call_shuffle},
  };
  const auto function = functions.find(name);
  if (function == functions.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : functions) names.push_back(known);
    throw WrongValue(fmt::format("there is no function {}; functions: {}", name, fmt::join(names, ", ")));
  }
  CallArguments taken(std::move(arguments));
  return function->second(taken);
}

}  // namespace latentcrs
