// The jobs of a sweep, as Hydra's basic sweeper makes them.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "base/config/config_tree.h"
#include "base/config/decimal.h"
#include "base/config/field_value.h"
#include "base/config/keys.h"
#include "base/config/load_config.h"
#include "base/config/numbers.h"
#include "base/config/overrides.h"
#include "base/util/error.h"
#include "base/util/random.h"

namespace latentcrs {

namespace {

constexpr size_t kMaxJobs = 100'000;

void check_count(size_t count) {
  if (count > kMaxJobs) throw WrongValue(fmt::format("it gives more than {} jobs", kMaxJobs));
}

std::vector<Node> integer_range(int64_t start, int64_t stop, int64_t step) {
  if (step == 0) throw WrongValue("the step of a range must not be 0");
  std::vector<Node> values;
  for (int64_t value = start; step > 0 ? value < stop : value > stop;) {
    values.push_back(integer_node(std::to_string(value)));
    check_count(values.size());
    if (__builtin_add_overflow(value, step, &value)) break;
  }
  return values;
}

std::vector<Node> real_range(double start, double stop, double step) {
  if (step == 0) throw WrongValue("the step of a range must not be 0");
  if (!std::isfinite(start) || !std::isfinite(stop) || !std::isfinite(step))
    throw WrongValue("the numbers of a range must be finite");
  std::vector<Node> values;
  const Decimal end(stop), width(step);
  for (Decimal value(start); step > 0 ? value.compare(end) < 0 : value.compare(end) > 0; value = value + width) {
    values.push_back(real_node(value.to_double()));
    check_count(values.size());
  }
  return values;
}

std::vector<Node> range_values(const Sweep& sweep) {
  const auto is_real = [](const Node& node) { return node.kind == Node::Kind::real; };
  if (is_real(sweep.start) || is_real(sweep.stop) || is_real(sweep.step))
    return real_range(real_of(sweep.start), real_of(sweep.stop), real_of(sweep.step));
  const auto start = int64_of(sweep.start), stop = int64_of(sweep.stop), step = int64_of(sweep.step);
  if (!start || !stop || !step) throw WrongValue("a number of the range is too large");
  return integer_range(*start, *stop, *step);
}

bool matches(const std::string& name, const std::vector<std::string>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), name.c_str(), FNM_NOESCAPE) == 0;
  });
}

std::vector<Node> glob_values(const Sweep& sweep, const std::string& group, const ConfigTree& tree) {
  std::vector<Node> values;
  for (const std::string& name : tree.choices(group))
    if (matches(name, sweep.included) && !matches(name, sweep.excluded)) values.push_back(text_node(name));
  return values;
}

std::vector<Node> sweep_values(const Override& override, const ConfigTree& tree) {
  const Sweep& sweep = std::get<Sweep>(*override.value);
  if (sweep.kind == Sweep::Kind::interval) throw WrongValue("an interval cannot be counted; use range or choice");
  std::vector<Node> values = sweep.kind == Sweep::Kind::choice  ? sweep.values
                             : sweep.kind == Sweep::Kind::range ? range_values(sweep)
                                                                : glob_values(sweep, override.key, tree);
  if (sweep.is_shuffled) Rng(derive_seed(0, "shuffle")).shuffle(values);
  return values;
}

/// The texts of an override in the jobs: a single one, or one for each value of its sweep.
std::vector<std::string> texts_of(const Override& override, const ConfigTree& tree) {
  const std::string key = override.key_text();
  if (!override.is_sweep()) {
    if (!override.calls_function) return {override.text};
    return {key + "=" + override_text(override.node())};
  }
  std::vector<std::string> texts;
  for (const Node& value : sweep_values(override, tree)) texts.push_back(key + "=" + override_text(value));
  return texts;
}

/// The key that a later override replaces, in the spelling of the schema.
std::string replaced_key(const Override& override) {
  const std::string known = canonical_key(override.key);
  if (known.empty()) return override.key_text();
  Override spelled = override;
  spelled.key = known;
  return spelled.key_text();
}

std::vector<std::vector<std::string>> product(const std::vector<std::vector<std::string>>& choices) {
  std::vector<std::vector<std::string>> jobs = {{}};
  for (const std::vector<std::string>& texts : choices) {
    check_count(jobs.size() * texts.size());
    std::vector<std::vector<std::string>> expanded;
    for (const std::vector<std::string>& job : jobs) {
      for (const std::string& text : texts) {
        expanded.push_back(job);
        expanded.back().push_back(text);
      }
    }
    jobs = std::move(expanded);
  }
  return jobs;
}

}  // namespace

std::vector<std::vector<std::string>> expand_multirun(const std::string& name,
                                                      const std::vector<std::string>& overrides) {
  Problems problems;
  const ConfigTree tree(find_main_config(name));
  std::vector<std::vector<std::string>> choices;
  std::map<std::string, size_t> places;
  for (const Override& override : parse_overrides(overrides, problems)) {
    const auto [place, is_new] = places.try_emplace(replaced_key(override), choices.size());
    if (is_new) choices.emplace_back();
    try {
      choices[place->second] = texts_of(override, tree);
    } catch (const WrongValue& e) {
      problems.add(override.origin, override.key, e.what());
    }
  }
  problems.throw_if_any();
  try {
    return product(choices);
  } catch (const WrongValue& e) {
    throw config_error(std::string("the sweep is too large: ") + e.what());
  }
}

std::string text_override(const std::string& key, const std::string& text) {
  return key + "=" + quoted_text(without_interpolations(text));
}

std::string override_key(const std::string& override) {
  Problems problems;
  const std::vector<Override> parsed = parse_overrides({override}, problems);
  if (parsed.empty()) return {};
  const std::string known = canonical_key(parsed.front().key);
  return known.empty() ? parsed.front().key : known;
}

}  // namespace latentcrs
