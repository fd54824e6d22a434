// The cost of requests: estimated before, counted after, stopped at a limit.
#pragma once

#include <cstdint>
#include <mutex>
#include <string_view>

#include "base/config/remote_options.h"

namespace latentcrs {

/// Tokens of one exchange or of many. Output includes thinking, which is billed alike.
struct Usage {
  int64_t input = 0;
  int64_t output = 0;

  Usage& operator+=(const Usage& other);
  bool operator==(const Usage&) const = default;
};

/// Counts a token for every four bytes, the usual rule of thumb for English. Used where the server has not counted yet.
int64_t estimate_tokens(std::string_view text);
double cost_of(const Usage& usage, const PriceOptions& price);

struct CostEstimate {
  int64_t requests = 0;  ///< that would be sent
  int64_t cached = 0;    ///< that are answered already
  Usage usage;           ///< of the requests that would be sent, estimated
  double cost = 0;
};

/// Thread-safe.
class CostMeter {
 public:
  /// max_cost 0: no limit. Throws Error(config) for a limit without prices.
  CostMeter(const PriceOptions& price, double max_cost);

  /// Sets `estimate` aside for a request about to be sent. Throws Error(remote) if that, with all that was spent and
  /// set aside, goes beyond the limit: nothing may be sent then.
  void reserve(const Usage& estimate);
  /// The request has ended: `used` counts in place of `estimate` (zero if it failed).
  void settle(const Usage& estimate, const Usage& used);
  Usage used() const;
  double spent() const;

 private:
  PriceOptions price_;
  double max_cost_;
  mutable std::mutex mutex_;
  Usage used_, reserved_;
};

}  // namespace latentcrs
