#include "experiment/stages/planned_requests.h"

namespace latentcrs {

PlannedRequests planned_chat(const std::string& purpose, const std::string& provider, const ChatOptions& chat,
                             const CostEstimate& estimate) {
  return {.purpose = purpose,
          .provider = provider,
          .model = chat.model,
          .estimate = estimate,
          .has_price = chat.price.input_per_million > 0 || chat.price.output_per_million > 0};
}

CostEstimate& operator+=(CostEstimate& sum, const CostEstimate& more) {
  sum.requests += more.requests;
  sum.cached += more.cached;
  sum.usage += more.usage;
  sum.cost += more.cost;
  return sum;
}

}  // namespace latentcrs
