// state.pt of EM training: what an interrupted run needs to go on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "model/intent_networks.h"
#include "tensor/tensor_file.h"

namespace latentcrs {

/// Weights of both networks.
struct EmWeights {
  StateDict posterior, prior;
};
EmWeights weights_of(const EmNetworks& networks);
/// No copies of what lies on the CPU: to be written before the next step.
EmWeights weight_views(const EmNetworks& networks);
void load_weights(const EmNetworks& networks, const EmWeights& weights);

struct EmState {
  int64_t stage = 0;  ///< index in EmOptions::stages
  int64_t epoch = 0;  ///< epochs finished in it
  EmWeights current, best;
  StateDict adam;
  std::string early_stop;     ///< JSON
  std::string stage_results;  ///< JSON, of the stages before
  int64_t metrics_position = 0;
};

void save_em_state(const EmState& state, const std::filesystem::path& path);
/// nullopt if there is no such file. Throws Error(data) for a file that is not one of ours.
std::optional<EmState> read_em_state(const std::filesystem::path& path);

}  // namespace latentcrs
