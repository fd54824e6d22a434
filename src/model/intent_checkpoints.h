// *_inference.pt and *_prior.pt: checkpoints of the two networks that the published code and we can both load.
#pragma once

#include <filesystem>

#include "model/intent_networks.h"

namespace latentcrs {

/// Writes the network's state_dict. The published classes also have layers that they build and never use (the norms of
/// the prior's head, p(y|u,m), projection_user2intent), and load with strict=True: those are written with fresh weights
/// of their published default shapes.
void save_posterior(const PosteriorNetwork& network, const std::filesystem::path& path);
void save_prior(const PriorNetwork& network, const std::filesystem::path& path);

/// Reads ours or a published one; the never-used layers are skipped, and the log names those that are not as we write
/// them: a line with their number, and all names in the run's log file. Throws Error(data) for a weight that is
/// missing, has another size, is not finite, or that this network does not have.
void load_posterior(PosteriorNetwork& network, const std::filesystem::path& path);
void load_prior(PriorNetwork& network, const std::filesystem::path& path);

}  // namespace latentcrs
