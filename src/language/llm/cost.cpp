#include "language/llm/cost.h"

#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

Usage& Usage::operator+=(const Usage& other) {
  input += other.input;
  output += other.output;
  return *this;
}

int64_t estimate_tokens(std::string_view text) { return static_cast<int64_t>(text.size() + 3) / 4; }

double cost_of(const Usage& usage, const PriceOptions& price) {
  return (static_cast<double>(usage.input) * price.input_per_million +
          static_cast<double>(usage.output) * price.output_per_million) /
         1e6;
}

CostMeter::CostMeter(const PriceOptions& price, double max_cost) : price_(price), max_cost_(max_cost) {
  if (max_cost > 0 && price.input_per_million <= 0 && price.output_per_million <= 0)
    throw config_error(
        fmt::format("max_cost={}: needs price.input_per_million and price.output_per_million", max_cost));
}

void CostMeter::reserve(const Usage& estimate) {
  const std::lock_guard lock(mutex_);
  Usage planned = used_;
  (planned += reserved_) += estimate;
  if (max_cost_ > 0 && cost_of(planned, price_) > max_cost_)
    throw Error(
        ErrorKind::remote,
        fmt::format(
            "max_cost={} would be exceeded: {:.4g} is spent, the requests in flight and the next one would make it "
            "{:.4g}; what was answered is in the cache, so raise max_cost and run again",
            max_cost_, cost_of(used_, price_), cost_of(planned, price_)));
  reserved_ += estimate;
}

void CostMeter::settle(const Usage& estimate, const Usage& used) {
  const std::lock_guard lock(mutex_);
  reserved_.input -= estimate.input;
  reserved_.output -= estimate.output;
  used_ += used;
}

Usage CostMeter::used() const {
  const std::lock_guard lock(mutex_);
  return used_;
}

double CostMeter::spent() const { return cost_of(used(), price_); }

}  // namespace latentcrs
