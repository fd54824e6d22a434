#include "experiment/stages/opening_requests.h"

#include "base/util/profile.h"
#include "datasets/data/simulated_split.h"

namespace latentcrs {

OpeningPrompts::OpeningPrompts(const StageContext& context, const Interactions& interactions,
                               const ItemCatalogue& catalogue, const std::vector<Unanswered>& again)
    : context_(context),
      interactions_(interactions),
      catalogue_(catalogue),
      prompt_(load_user_prompt(context.prompt_template(context.config.simulate.prompt_template))) {
  for (const Unanswered& record : again) renewals_[record.customer_id] = record.asked_again_if;
}

std::vector<Target> OpeningPrompts::targets(const std::string& key) const {
  return simulated_targets(interactions_, key, context_.config);
}

OpeningRequests OpeningPrompts::of(const std::string& key) const { return of(key, targets(key)); }

OpeningRequests OpeningPrompts::of(const std::string& key, std::span<const Target> targets) const {
  const profile::Scope scope("prompts");
  const DatasetOptions& dataset = context_.config.datasets;
  OpeningRequests opening;
  for (const Target& target : targets)
    opening.records.push_back(make_record(interactions_, key, target, dataset.max_history));
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
