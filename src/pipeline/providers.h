// Which implementation stands behind the language-model seams. Remote providers are added here and nowhere else.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "latentcrs/text/embedder.h"
#include "latentcrs/text/feature_extraction.h"
#include "latentcrs/text/user_simulator.h"
#include "stage.h"

namespace latentcrs {

/// simulate.provider. Throws Error(config) for one that does not exist.
std::unique_ptr<UserSimulator> make_user_simulator(const StageContext& context, const ItemCatalogue& catalogue);

/// embed.provider. `corpus`: the training utterances.
std::unique_ptr<Embedder> make_embedder(const StageContext& context, const std::vector<std::string>& corpus);

/// The responses of the training split, in file order: what the offline embedder takes its word statistics from.
std::vector<std::string> training_corpus(const StageContext& context);

}  // namespace latentcrs
