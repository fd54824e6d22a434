#include "recommender/train/em_state.h"

#include "recommender/model/parameters.h"
#include "recommender/train/state_file.h"

namespace latentcrs {

EmWeights weights_of(const EmNetworks& networks) {
  return {parameters_of(*networks.posterior), parameters_of(*networks.prior)};
}

EmWeights weight_views(const EmNetworks& networks) {
  return {parameter_views(*networks.posterior), parameter_views(*networks.prior)};
}

void load_weights(const EmNetworks& networks, const EmWeights& weights) {
  load_parameters(*networks.posterior.ptr(), weights.posterior, "state.pt (posterior)");
  load_parameters(*networks.prior.ptr(), weights.prior, "state.pt (prior)");
}

void save_em_state(const EmState& state, const std::filesystem::path& path) {
  write_pt({PtDict{{"stage", {state.stage}},
                   {"epoch", {state.progress.epoch}},
                   {"posterior", to_value(state.current.posterior)},
                   {"prior", to_value(state.current.prior)},
                   {"best_posterior", to_value(state.best.posterior)},
                   {"best_prior", to_value(state.best.prior)},
                   {"adam", to_value(state.adam)},
                   {"early_stop", {state.progress.early_stop}},
                   {"stage_results", {state.stage_results}},
                   {"metrics_position", {state.progress.metrics_position}}}},
           path);
}

std::optional<EmState> read_em_state(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const StateFile read(path);
  return EmState{.progress = {.epoch = read.integer("epoch"),
                              .metrics_position = read.integer("metrics_position"),
                              .early_stop = read.text("early_stop")},
                 .stage = read.integer("stage"),
                 .current = {read.tensors("posterior"), read.tensors("prior")},
                 .best = {read.tensors("best_posterior"), read.tensors("best_prior")},
                 .adam = read.tensors("adam"),
                 .stage_results = read.text("stage_results")};
}

}  // namespace latentcrs
