// *_inference.pt and *_prior.pt: checkpoints of the two networks, which the published code can load too.
#pragma once

#include <filesystem>

#include "recommender/model/intent_networks.h"

namespace latentcrs {

/// Writes the network's state_dict. The published classes also have layers that they build and never use (the norms of
/// the prior's head, p(y|u,m), projection_user2intent), and load with strict=True: those are written with fresh weights
/// of their published default shapes.
void save_posterior(const PosteriorNetwork& network, const std::filesystem::path& path);
void save_prior(const PriorNetwork& network, const std::filesystem::path& path);

/// Reads our file or a published one and skips the never-used layers. If some of them differ from those that we write,
/// a line of the log gives their number, and the run's log file all names. Throws Error(data) for a weight that is
/// missing, has another size, is not finite, or that this network does not have.
void load_posterior(PosteriorNetwork& network, const std::filesystem::path& path);
void load_prior(PriorNetwork& network, const std::filesystem::path& path);

}  // namespace latentcrs
