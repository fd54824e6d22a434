// Refusals of services: the first byte chooses the status, the first line is what Retry-After says, then the body.
#include "language/transport/api_error.h"

#include "fuzz.h"
#include "language/transport/retry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace latentcrs;
  if (size == 0) return 0;
  std::string_view text = fuzz::text_of(data, size).substr(1);
  const std::string hint(text.substr(0, text.find('\n')));
  text.remove_prefix(std::min(hint.size() + 1, text.size()));
  const HttpResponse response{.status = 300 + data[0],
                              .headers = {{"retry-after", hint}, {"retry-after-ms", hint}, {"location", hint}},
                              .body = std::string(text)};
  fuzz::expect_value_or_error([&] {
    if (parse_api_error(response).message.empty()) std::abort();
    (void)describe_failure(response);
    Rng rng(1);
    const RetryDecision decision = decide_retry({}, {.now = 1'800'000'000}, response, rng);
    if (decision.again && !(decision.wait >= 0)) std::abort();
  });
  return 0;
}
