// The requests that a stage would send to models, as the dry run lists them.
#pragma once

#include <string>

#include "base/config/remote_options.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "language/llm/cost.h"

namespace latentcrs {

struct StageContext;

/// The files and flags that a stage plans its requests from.
struct PlanInputs {
  const StageContext& context;
  Interactions interactions;
  ItemCatalogue catalogue;
  bool retry = false;  ///< RunFlags::retry
};

/// The requests of a stage to one model.
struct PlannedRequests {
  std::string purpose = {};  ///< "simulate", "evaluate, extractor (at most)"
  std::string provider = {};
  std::string model = {};
  CostEstimate estimate = {};
  bool has_price = false;  ///< whether the config says what tokens cost
};

/// Requests to a chat model with the model and price of `chat`.
PlannedRequests planned_chat(const std::string& purpose, const std::string& provider, const ChatOptions& chat,
                             const CostEstimate& estimate);

CostEstimate& operator+=(CostEstimate& sum, const CostEstimate& more);

}  // namespace latentcrs
