#include "em_state.h"

#include <fmt/format.h>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

PtValue to_value(const StateDict& state) {
  PtDict dict;
  for (const auto& [name, tensor] : state) dict.emplace_back(name, PtValue{tensor});
  return {dict};
}

class Reader {
 public:
  Reader(const PtDict& dict, std::string where) : dict_(dict), where_(std::move(where)) {}

  StateDict tensors(const char* key) const {
    StateDict state;
    for (const auto& [name, value] : at(key).dict(where_)) state.emplace_back(name, value.tensor(where_));
    return state;
  }
  int64_t integer(const char* key) const {
    const auto* value = std::get_if<int64_t>(&at(key).value);
    if (value == nullptr) throw data_error(fmt::format("{}: {} is no integer", where_, key));
    return *value;
  }
  const std::string& text(const char* key) const { return at(key).string(where_); }

 private:
  const PtValue& at(const char* key) const {
    for (const auto& [name, value] : dict_)
      if (name == key) return value;
    throw data_error(
        fmt::format("{} has no {}: it was not written by this version; remove it to start again", where_, key));
  }

  const PtDict& dict_;
  std::string where_;
};

}  // namespace

EmWeights weights_of(const EmNetworks& networks) {
  return {parameters_of(*networks.posterior), parameters_of(*networks.prior)};
}

void load_weights(const EmNetworks& networks, const EmWeights& weights) {
  load_parameters(*networks.posterior.ptr(), weights.posterior, "state.pt (posterior)");
  load_parameters(*networks.prior.ptr(), weights.prior, "state.pt (prior)");
}

void save_em_state(const EmState& state, const std::filesystem::path& path) {
  write_pt({PtDict{{"stage", {state.stage}},
                   {"epoch", {state.epoch}},
                   {"posterior", to_value(state.current.posterior)},
                   {"prior", to_value(state.current.prior)},
                   {"best_posterior", to_value(state.best.posterior)},
                   {"best_prior", to_value(state.best.prior)},
                   {"adam", to_value(state.adam)},
                   {"early_stop", {state.early_stop}},
                   {"stage_results", {state.stage_results}},
                   {"metrics_position", {state.metrics_position}}}},
           path);
}

std::optional<EmState> read_em_state(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const PtValue root = read_pt(path);
  const Reader read(root.dict(path.string()), path.string());
  return EmState{.stage = read.integer("stage"),
                 .epoch = read.integer("epoch"),
                 .current = {read.tensors("posterior"), read.tensors("prior")},
                 .best = {read.tensors("best_posterior"), read.tensors("best_prior")},
                 .adam = read.tensors("adam"),
                 .early_stop = read.text("early_stop"),
                 .stage_results = read.text("stage_results"),
                 .metrics_position = read.integer("metrics_position")};
}

}  // namespace latentcrs
