// The pieces that the schema is made of: sections of fields, and shorthands for rules.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/config/influence.h"
#include "base/config/schema.h"

namespace latentcrs {

/// Adds fields under a common prefix, with a common influence.
class Section {
 public:
  /// `name`: Field::section. `prefix`: the beginning of each key.
  Section(std::vector<Field>& fields, std::string name, std::string prefix, Influence influence)
      : fields_(fields), name_(std::move(name)), prefix_(std::move(prefix)), influence_(std::move(influence)) {}

  void operator()(const std::string& name, FieldRef ref, Rule rule = {}, std::vector<std::string> aliases = {}) const {
    fields_.get().push_back({name_, prefix_ + name, std::move(ref), std::move(rule), influence_, std::move(aliases),
                             defaults_from_.empty() ? "" : defaults_from_ + name});
  }
  Section below(const std::string& name) const {
    Section section = *this;
    section.prefix_ += name + ".";
    if (!defaults_from_.empty()) section.defaults_from_ += name + ".";
    return section;
  }
  /// The same section for fields of another influence.
  Section with(Influence influence) const {
    Section section = *this;
    section.influence_ = std::move(influence);
    return section;
  }
  /// The same section, in which the default of each field is the value of the field of that name under `prefix`.
  Section with_defaults_from(std::string prefix) const {
    Section section = *this;
    section.defaults_from_ = std::move(prefix);
    return section;
  }

 private:
  std::reference_wrapper<std::vector<Field>> fields_;
  std::string name_;
  std::string prefix_;
  Influence influence_;
  std::string defaults_from_;
};

/// `names` in the order of the enumerators, which count from 0.
template <class E>
EnumRef named(E& value, std::vector<std::string> names) {
  return {std::move(names), [&value] { return static_cast<size_t>(value); },
          [&value](size_t index) { value = static_cast<E>(index); }};
}

/// A text that is one of `names`, under the same rules as an enumeration.
inline EnumRef named(std::string& value, const std::vector<std::string>& names) {
  return {names,
          [names, &value] { return static_cast<size_t>(std::find(names.begin(), names.end(), value) - names.begin()); },
          [names, &value](size_t index) { value = names[index]; }};
}

inline Rule at_least(double low) { return {.low = low}; }
inline Rule above(double low) { return {.low = low, .low_excluded = true}; }
inline Rule between(double low, double high) { return {.low = low, .high = high}; }
/// [low, high)
inline Rule below(double low, double high) { return {.low = low, .high = high, .high_excluded = true}; }
/// (low, high]
inline Rule above_upto(double low, double high) { return {.low = low, .high = high, .low_excluded = true}; }
/// (low, high)
inline Rule inside(double low, double high) {
  return {.low = low, .high = high, .low_excluded = true, .high_excluded = true};
}
inline Rule one_of(std::vector<std::string> choices) { return {.choices = std::move(choices)}; }
inline Rule required() { return {.required = true}; }
inline Rule path() { return {.path = true}; }
inline Rule required_path() { return {.required = true, .path = true}; }
inline Rule json_object() { return {.json_object = true}; }
inline Rule or_inherited(Rule rule) {
  rule.inherits = -1;
  return rule;
}

/// The parts of the schema that are about language models (schema_models.cpp).
void add_services(const Section& add, ServiceOptions& o);
void add_simulate(const Section& add, SimulateOptions& o);
void add_embed(const Section& add, EmbedOptions& o);
void add_dialogue_roles(const Section& evaluate, EvaluateOptions& o);

}  // namespace latentcrs
