#include "recommender/train/early_stop.h"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/util/error.h"

using latentcrs::EarlyStop;

TEST_CASE("a score must exceed the best by more than delta", "[early_stop]") {
  EarlyStop stop({.patience = 3, .delta = 0.25});
  CHECK(stop.update(0.0, 1));  // the first score always counts
  CHECK_FALSE(stop.update(0.25, 2));
  CHECK(stop.bad_epochs == 1);
  CHECK(stop.update(0.5, 3));
  CHECK(stop.bad_epochs == 0);
  CHECK_FALSE(stop.update(0.5, 4));
  CHECK_FALSE(stop.update(0.1, 5));
  CHECK_FALSE(stop.should_stop());
  CHECK_FALSE(stop.update(0.6, 6));
  CHECK(stop.should_stop());
  CHECK(stop.best == 0.5);
  CHECK(stop.best_epoch == 3);
}

TEST_CASE("patience counts epochs, also when not every epoch has a score", "[early_stop]") {
  EarlyStop stop({.patience = 4, .delta = 0});
  stop.update(1.0, 2);
  CHECK_FALSE(stop.update(0.5, 4));
  CHECK_FALSE(stop.should_stop());
  CHECK_FALSE(stop.update(0.5, 6));
  CHECK(stop.should_stop());
}

TEST_CASE("the state survives JSON", "[early_stop]") {
  const latentcrs::EarlyStopOptions options{.patience = 2, .delta = 0};
  EarlyStop stop(options), fresh(options), copy(options);
  copy.from_json(nlohmann::json::parse(fresh.to_json().dump()));
  CHECK_FALSE(copy.best.has_value());
  stop.update(0.1 + 0.2, 1);
  stop.update(0.1, 2);
  copy.from_json(nlohmann::json::parse(stop.to_json().dump()));
  CHECK(copy.best == 0.1 + 0.2);
  CHECK(copy.best_epoch == 1);
  CHECK(copy.bad_epochs == 1);
  CHECK_FALSE(copy.update(0.1, 3));
  CHECK(copy.should_stop());
}

TEST_CASE("a NaN score is an error", "[early_stop]") {
  EarlyStop stop({});
  CHECK_THROWS_AS(stop.update(std::numeric_limits<double>::quiet_NaN(), 1), latentcrs::Error);
}
