#include "service/api/user_mixture.h"

#include <ATen/ATen.h>

#include "base/util/text.h"
#include "recommender/eval/em_scores.h"

namespace latentcrs {

UserMixture mixture_of(const OpenedRun& run, const std::vector<int32_t>& history, const std::string& words) {
  const EmNetworks& networks = run.networks();
  const UserState state = run.state_of(history);
  if (is_blank(words)) {
    const at::Tensor q = networks.posterior->q_m(state.posterior);
    const at::Tensor table = networks.posterior->item_table().detach();
    return {q, networks.posterior->user_vectors(q), table, table};
  }
  const std::vector<std::string> said = {words};
  const at::Tensor text = run.embed(said);
  Histories histories;
  histories.add(history);
  return {intent_distribution(networks.prior, state.prior, text, 1),
          run.scorer().vectors(state.prior, {.text = text, .words = said}, histories, 1), run.scorer().items(),
          networks.prior->item_table().detach()};
}

at::Tensor intent_vectors(const OpenedRun& run, bool with_words) {
  const EmNetworks& networks = run.networks();
  const at::Tensor of_prior = networks.prior->item_vectors().detach();
  if (with_words) return of_prior;
  return networks.posterior->user_vectors(at::eye(of_prior.size(0), of_prior.options())).detach();
}

}  // namespace latentcrs
