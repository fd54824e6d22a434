#include "recommender/train/pretrain_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/config/result_settings.h"
#include "base/util/error.h"
#include "base/util/files.h"
#include "recommender/train/state_file.h"

namespace latentcrs {

namespace {

using nlohmann::json;

template <class T>
std::string digest(const std::vector<T>& values) {
  return sha256({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
}

}  // namespace

std::string fingerprint(const PretrainJob& job) {
  Config config;
  config.pretrain = job.options;
  config.compat = job.compat;
  config.data_shards = job.data_shards;
  const json settings = result_settings(config, "pretrain");
  const Interactions& data = *job.interactions;
  json identity = settings.at("compat");
  identity["options"] = settings.at("pretrain").dump();
  identity["seed"] = job.seed;
  if (settings.contains("data_shards")) identity["data_shards"] = settings.at("data_shards");
  identity["data"] = digest(data.items) + digest(data.offsets);
  return sha256(identity.dump());
}

void write_state(const PretrainState& state, const std::filesystem::path& path) {
  const json progress = {{"epoch", state.progress.epoch}, {"metrics_position", state.progress.metrics_position}};
  write_pt({PtDict{{"fingerprint", {state.progress.fingerprint}},
                   {"progress", {progress.dump()}},
                   {"early_stop", {state.progress.early_stop}},
                   {"model", to_value(state.model)},
                   {"best", to_value(state.best)},
                   {"adam", to_value(state.adam)}}},
           path);
}

std::optional<PretrainState> read_state(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const StateFile read(path);
  PretrainState state;
  state.progress.fingerprint = read.text("fingerprint");
  state.progress.early_stop = read.text("early_stop");
  state.model = read.tensors("model");
  state.best = read.tensors("best");
  state.adam = read.tensors("adam");
  try {
    const json progress = json::parse(read.text("progress"));
    progress.at("epoch").get_to(state.progress.epoch);
    progress.at("metrics_position").get_to(state.progress.metrics_position);
  } catch (const json::exception& e) {
    throw data_error(fmt::format("{}: {}; remove it to start again", read.where(), e.what()));
  }
  return state;
}

}  // namespace latentcrs
