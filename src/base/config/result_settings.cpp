#include "base/config/result_settings.h"

#include <algorithm>
#include <string_view>

#include "base/config/conditions.h"
#include "base/config/field_value.h"
#include "base/config/provider_names.h"
#include "base/config/schema.h"
#include "base/util/error.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Settings that stand elsewhere in the JSON than their keys say: those of a service stand where its provider does. The
/// first entry that begins a key counts.
struct MovedKey {
  std::string_view key, place;
};
constexpr MovedKey kMovedKeys[] = {
    {"simulate.chat.", "simulate.provider."},
    {"embed.remote.model", "embed.provider.model"},
    {"embed.remote.base_url", "embed.provider.base_url"},
    {"embed.remote.", "embed."},
    {"evaluate.simulator.provider", "evaluate.simulator"},
    {"evaluate.extractor.provider", "evaluate.extractor"},
    {"evaluate.extractor.chat.", "evaluate.extractor."},
    {"evaluate.zero_shot.chat.", "evaluate.zero_shot.provider."},
};

/// The dotted place of a setting in the settings of `stage`.
std::string place_of(const Field& field, const std::string& stage) {
  const std::string &key = field.key, &section = field.section;
  if (section == "em") return "em." + key;
  if (section == "datasets" && stage != "preprocess") return key.substr(section.size() + 1);
  for (const auto& [begin, place] : kMovedKeys)
    if (key.starts_with(begin)) return std::string(place) + key.substr(begin.size());
  return key;
}

json& at_place(json& settings, std::string place) {
  std::replace(place.begin(), place.end(), '.', '/');
  return settings[json::json_pointer("/" + place)];
}

void add_field(json& settings, const Field& field, const std::string& stage) {
  const std::string place = place_of(field, stage);
  const json value = to_json(field);
  if (field.key.ends_with(".provider") && asks_service(value.get<std::string>()))
    at_place(settings, place + ".service") = service_of(value.get<std::string>());
  else
    at_place(settings, place) = value;
}

bool counts(const Field& field, const std::string& stage, const Config& config) {
  const Influence& influence = field.influence;
  const bool decides_stage =
      std::find(influence.stages.begin(), influence.stages.end(), stage) != influence.stages.end();
  return decides_stage && !influence.names_input && (influence.condition == nullptr || influence.condition(config));
}

/// A service that speaks in dialogues only has the model of simulate.chat, whoever speaks first.
void add_model_of_dialogues(json& settings, const std::vector<Field>& fields) {
  const std::string chat = "simulate.chat.";
  for (const Field& field : fields)
    if (field.key.starts_with(chat) && field.influence.effect == Effect::result)
      at_place(settings, "evaluate.simulator." + field.key.substr(chat.size())) = to_json(field);
}

/// Settings without a field: marks of revisions that computed something else from the same settings. Earlier ones left
/// max_history - 1 items out of the ranking instead of the whole history; mixed scores with a mean over the history;
/// knew genres in offline dialogues by their names alone; took ids in conversations for the numbers of preprocessing,
/// and titles with another film's year for films of the catalogue.
void add_revision_marks(json& settings, const Config& config, const std::string& stage) {
  const bool ranks_without_history =
      stage == "evaluate" || (stage == "train" && config.evaluate.seen_items == SeenItems::mask);
  if (ranks_without_history) settings["history_left_out"] = "whole";
  if (mixes_scores(config) && (stage == "train" || stage == "evaluate"))
    settings["history_score"] = "nearest item and cosines";
  if (looks_for_genres(config) && stage == "evaluate") settings["genres_in_dialogues"] = "words of people";
  if (stage == "evaluate" && !config.evaluate.conversations.empty()) {
    settings["ids_in_conversations"] = "of the raw files";
    settings["titles_in_conversations"] = "of their year";
  }
}

}  // namespace

json result_settings(const Config& config, const std::string& stage) {
  Config copy = config;
  const std::vector<Field> fields = schema(copy);
  json settings = json::object();
  for (const Field& field : fields)
    if (counts(field, stage, config)) add_field(settings, field, stage);
  if (settings.empty()) throw internal_error("result_settings: no setting decides a stage '" + stage + "'");
  if (stage == "evaluate" && another_model_speaks_in_dialogues(config)) add_model_of_dialogues(settings, fields);
  add_revision_marks(settings, config, stage);
  return settings;
}

}  // namespace latentcrs
