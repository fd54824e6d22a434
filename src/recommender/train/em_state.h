// state.pt of EM training, from which an interrupted run goes on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "numerics/tensor/tensor_file.h"
#include "recommender/model/intent_networks.h"
#include "recommender/train/training_run.h"

namespace latentcrs {

/// Weights of both networks.
struct EmWeights {
  StateDict posterior, prior;
};
EmWeights weights_of(const EmNetworks& networks);
/// Tensors on the CPU are not copied, so they must be written before the next step.
EmWeights weight_views(const EmNetworks& networks);
void load_weights(const EmNetworks& networks, const EmWeights& weights);

struct EmState {
  TrainingProgress progress;  ///< within the stage
  int64_t stage = 0;          ///< index in EmOptions::stages
  EmWeights current, best;
  StateDict adam;
  std::string stage_results;  ///< JSON, of the stages before
};

void save_em_state(const EmState& state, const std::filesystem::path& path);
/// nullopt if the file does not exist. Throws Error(data) for a file that EM training did not write.
std::optional<EmState> read_em_state(const std::filesystem::path& path);

}  // namespace latentcrs
