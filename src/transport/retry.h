// When to send a request again, and after how long. Pure: time and chance are arguments.
#pragma once

#include <string>
#include <vector>

#include "config/remote_options.h"
#include "transport/http.h"
#include "util/random.h"

namespace latentcrs {

struct RetryState {
  int attempts = 1;    ///< sends so far
  double elapsed = 0;  ///< seconds since the first send
  double now = 0;      ///< seconds since 1970, for dates in Retry-After
  Repeat repeat = Repeat::safe;
  std::vector<int> also_retried = {};  ///< statuses beyond the usual ones (409 of OpenAI)
};

struct RetryDecision {
  bool again = false;
  double wait = 0;  ///< seconds before the next send
  std::string reason =
      {};  ///< why not, where something may yet be worth saying: "attempts used up", "quota used up", …
};

/// Whether the same request may fare better later: 408, 429, 500 to 504, and 520 to 529 of gateways.
bool is_temporary_status(int64_t status);

/// Again: transport failures other than a wrong certificate or an answer too large; temporary statuses; spoilt answers;
/// 403 for Cloud Storage's rate reasons; OAuth's temporary errors; and the server's own x-should-retry before all of
/// these. With Repeat::never only where the server did nothing: unreachable, or 429. Never where a quota is used up, or
/// where the error says that the same request cannot succeed (ApiError::permanent). Wait: the
/// larger of the server's hint (retry-after-ms, Retry-After, RetryInfo) and a uniform draw from [0, min(max_wait,
/// first_wait 2^(attempts-1))]; no further send if it exceeds max_hint or leads beyond max_total.
RetryDecision decide_retry(const RetryOptions& options, const RetryState& state, const HttpResponse& response,
                           Rng& rng);

}  // namespace latentcrs
