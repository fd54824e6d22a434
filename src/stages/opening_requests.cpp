#include "stages/opening_requests.h"

#include "data/simulated_split.h"

namespace latentcrs {

OpeningPrompts::OpeningPrompts(const StageContext& context, const Interactions& interactions,
                               const ItemCatalogue& catalogue, const std::vector<Unanswered>& again)
    : context_(context),
      interactions_(interactions),
      catalogue_(catalogue),
      prompt_(load_user_prompt(context.prompt_template(context.config.simulate.prompt_template))) {
  for (const Unanswered& record : again) renewals_[record.customer_id] = record.asked_again_if;
}

size_t OpeningPrompts::count(const std::string& key) const {
  return make_simulated_split(interactions_, key, context_.config).size();
}

OpeningRequests OpeningPrompts::of(const std::string& key) const {
  const DatasetOptions& dataset = context_.config.datasets;
  OpeningRequests opening{make_simulated_split(interactions_, key, context_.config), {}};
  for (const SplitRecord& record : opening.records) {
    const auto renewal = renewals_.find(record.customer_id);
    opening.requests.push_back({.record = &record,
                                .turns = {},
                                .prompt = user_prompt(prompt_, record, catalogue_, dataset),
                                .renewal = renewal == renewals_.end() ? Renewal{} : renewal->second});
  }
  return opening;
}

}  // namespace latentcrs
