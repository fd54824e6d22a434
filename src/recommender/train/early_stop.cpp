#include "recommender/train/early_stop.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/util/error.h"

namespace latentcrs {

bool EarlyStop::update(double score, int epoch) {
  if (std::isnan(score)) throw numeric_error(fmt::format("the validation score of epoch {} is NaN", epoch));
  if (best && score <= *best + delta) {
    bad_epochs = epoch - best_epoch;
    return false;
  }
  best = score;
  best_epoch = epoch;
  bad_epochs = 0;
  return true;
}

nlohmann::json EarlyStop::to_json() const {
  return {{"best", best ? nlohmann::json(*best) : nlohmann::json()},
          {"best_epoch", best_epoch},
          {"bad_epochs", bad_epochs}};
}

void EarlyStop::from_json(const nlohmann::json& state) {
  const nlohmann::json& score = state.at("best");
  best = score.is_null() ? std::nullopt : std::optional(score.get<double>());
  state.at("best_epoch").get_to(best_epoch);
  state.at("bad_epochs").get_to(bad_epochs);
}

}  // namespace latentcrs
