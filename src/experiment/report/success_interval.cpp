#include "experiment/report/success_interval.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace latentcrs {

Interval success_interval(const nlohmann::json& figures, size_t turn) {
  if (figures.contains("success_rate_ci95")) {
    const nlohmann::json& interval = figures["success_rate_ci95"].at(turn);
    return {interval.at(0), interval.at(1)};
  }
  const auto users = figures.at("users").get<int64_t>();
  const double share = figures.at("success_rate").at(turn);
  return wilson_95(std::llround(share * static_cast<double>(users)), users);
}

}  // namespace latentcrs
