#include "stages/opening_requests.h"

namespace latentcrs {

OpeningPrompts::OpeningPrompts(const StageContext& context, const Interactions& interactions,
                               const ItemCatalogue& catalogue, const std::vector<Unanswered>& again)
    : context_(context),
      interactions_(interactions),
      catalogue_(catalogue),
      prompt_(
          PromptTemplate::load(context.prompt_template(context.config.simulate.prompt_template), kUserPromptFields)) {
  for (const Unanswered& record : again) renewals_[record.customer_id] = record.asked_again_if;
}

size_t OpeningPrompts::count(const std::string& key) const {
  return make_split(interactions_, key, context_.config.datasets.max_history).size();
}

OpeningRequests OpeningPrompts::of(const std::string& key) const {
  const DatasetOptions& dataset = context_.config.datasets;
  OpeningRequests opening{make_split(interactions_, key, dataset.max_history), {}};
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
