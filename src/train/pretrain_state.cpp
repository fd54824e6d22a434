#include "pretrain_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "latentcrs/config/load_config.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"

namespace latentcrs {

namespace {

using nlohmann::json;

template <class T>
std::string digest(const std::vector<T>& values) {
  return sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

PtValue to_value(const StateDict& state) {
  PtDict dict;
  for (const auto& [name, tensor] : state) dict.emplace_back(name, PtValue{tensor});
  return {dict};
}

const PtValue& member(const PtDict& dict, const std::string& key, const std::string& where) {
  for (const auto& [name, value] : dict)
    if (name == key) return value;
  throw data_error(
      fmt::format("{} has no {}: it was not written by this version; remove it to start again", where, key));
}

StateDict tensors(const PtValue& value, const std::string& where) {
  StateDict state;
  for (const auto& [name, tensor] : value.dict(where)) state.emplace_back(name, tensor.tensor(where).clone());
  return state;
}

}  // namespace

std::string fingerprint(const PretrainJob& job) {
  Config config;
  config.pretrain = job.options;
  const Interactions& data = *job.interactions;
  const json identity = {{"options", canonical_json(config, "pretrain")},
                         {"seen_items_score_zero", job.compat.seen_items_score_zero},
                         {"denoise_label_from_validation", job.compat.denoise_label_from_validation},
                         {"seed", job.seed},
                         {"data", digest(data.items) + digest(data.offsets)}};
  return sha256(identity.dump());
}

void write_state(const PretrainState& state, const std::filesystem::path& path) {
  const json progress = {{"epoch", state.epoch}, {"metrics_position", state.metrics_position}};
  write_pt({PtDict{{"fingerprint", {state.fingerprint}},
                   {"progress", {progress.dump()}},
                   {"early_stop", {state.early_stop}},
                   {"model", to_value(state.model)},
                   {"best", to_value(state.best)},
                   {"adam", to_value(state.adam)}}},
           path);
}

std::optional<PretrainState> read_state(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const std::string where = path.string();
  const PtValue root = read_pt(path);
  const auto at = [&](const char* key) -> const PtValue& { return member(root.dict(where), key, where); };
  PretrainState state;
  state.fingerprint = at("fingerprint").string(where);
  state.early_stop = at("early_stop").string(where);
  state.model = tensors(at("model"), where);
  state.best = tensors(at("best"), where);
  state.adam = tensors(at("adam"), where);
  try {
    const json progress = json::parse(at("progress").string(where));
    progress.at("epoch").get_to(state.epoch);
    progress.at("metrics_position").get_to(state.metrics_position);
  } catch (const json::exception& e) {
    throw data_error(fmt::format("{}: {}; remove it to start again", where, e.what()));
  }
  return state;
}

}  // namespace latentcrs
