// A user as a mixture of intents, by the posterior without words and by the prior with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "service/api/opened_run.h"

namespace latentcrs {

struct UserMixture {
  at::Tensor intents;  ///< p(m|u,x) or q(m|u), [1, K]
  at::Tensor vector;   ///< the vector that ranks items, [1, D]: the mixture of the intents' vectors, with the user's
                       ///< state added where the run says so, or all parts of score_mixture
  at::Tensor items;    ///< what it ranks, [V, D]: the item table, or the parts of score_mixture
  at::Tensor table;    ///< E [V, d] of the same network
};

/// `history`: dense ids, oldest first; blank `words`: without text. Throws Error(remote) for a service that fails.
UserMixture mixture_of(const OpenedRun& run, const std::vector<int32_t>& history, const std::string& words);

/// The intents' own vectors r in the network that ranks with words or without, [K, d]: E[y]·r_m is r_m(y).
at::Tensor intent_vectors(const OpenedRun& run, bool with_words);

}  // namespace latentcrs
