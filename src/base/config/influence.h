// The influence of a setting on results. The schema gives one to every field, and result_settings.h collects the fields
// that decide a stage.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

namespace latentcrs {

struct Config;

enum class Effect {
  result,  ///< what stages compute: with another value they are made again
  cost,    ///< money and quota: which account pays, how much, and what is asked at all
  speed,   ///< time, memory, messages and where files lie
};

/// There is no default: decides(), names_input_of(), cost() and speed() make one.
struct Influence {
  using Condition = bool (*)(const Config&);
  using Stages = std::vector<std::string_view>;

  explicit Influence(Effect of) : effect(of) {}

  Effect effect;
  Stages stages = {};             ///< whose results it decides; empty unless `effect` is result
  Condition condition = nullptr;  ///< null: it counts in every configuration
  bool names_input = false;       ///< it names an input file: the file's content counts, not its name
};

/// The setting decides the results of `stages` where `condition` holds.
inline Influence decides(Influence::Stages stages, Influence::Condition condition = nullptr) {
  Influence influence(Effect::result);
  influence.stages = std::move(stages);
  influence.condition = condition;
  return influence;
}
/// The setting names a file that is an input of `stages`, so that their manifests have its content.
inline Influence names_input_of(Influence::Stages stages) {
  Influence influence = decides(std::move(stages));
  influence.names_input = true;
  return influence;
}
inline Influence cost() { return Influence(Effect::cost); }
inline Influence speed() { return Influence(Effect::speed); }

}  // namespace latentcrs
