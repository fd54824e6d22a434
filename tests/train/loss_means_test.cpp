#include "recommender/train/loss_means.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <limits>

#include "base/util/error.h"

using namespace latentcrs;

namespace {

LossTerms terms(double a, double b) { return {{"a", at::full({}, a)}, {"b", at::full({}, b)}}; }

}  // namespace

TEST_CASE("means are weighted", "[loss_means]") {
  LossMeans means("lower it");
  means.add(terms(1, 10), "step 1", 3);
  means.add(terms(5, 20), "step 2");
  CHECK(means.means() == std::vector<std::pair<std::string, double>>{{"a", 2.0}, {"b", 12.5}});
}

TEST_CASE("the term that is not finite is named, with the place and what to do", "[loss_means]") {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  LossMeans means("lower it");
  means.add(terms(1, 10), "step 1");
  try {
    means.add(terms(1, -kInfinity), "step 2");
    FAIL("no error");
  } catch (const Error& e) {
    CHECK(e.kind() == ErrorKind::numeric);
    CHECK(std::string(e.what()) == "step 2: the loss term b is -inf; lower it");
  }
  CHECK_THROWS_WITH(means.add(terms(std::numeric_limits<double>::quiet_NaN(), kInfinity), "step 3"),
                    "step 3: the loss term a is nan; lower it");
}
