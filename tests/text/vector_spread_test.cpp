#include "language/text/vector_spread.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "language/text/centred_embedder.h"

using namespace latentcrs;

TEST_CASE("the spread of vectors by hand", "[spread]") {
  // (3, 4) and (3, -4): cosine -7/25; mean (3, 0), so 9 of 25 do not vary.
  const VectorSpread two = spread_of({3, 4, 3, -4}, 2);
  CHECK(two.mean_cosine == Approx(-7.0 / 25));
  CHECK(two.varying == Approx(16.0 / 25));
  CHECK_FALSE(varies_little(two));
  const VectorSpread same = spread_of({1, 2, 1, 2, 1, 2}, 2);
  CHECK(same.mean_cosine == Approx(1));
  CHECK(same.varying == Approx(0).margin(1e-12));
  CHECK(varies_little(same));
  CHECK(to_text(two) == "mean cosine of two -0.28, 0.64 of their squared length varies");

  SpreadMeter meter;
  CHECK(meter.mean().empty());
  CHECK(meter.spread().varying == 0);
  meter.add(std::vector<float>{1, 3});
  meter.add(std::vector<float>{0, 0});
  CHECK(meter.mean() == std::vector<float>{0.5f, 1.5f});
  CHECK(meter.spread().mean_cosine == 0);  // a zero vector has no direction
}

TEST_CASE("a centred embedder subtracts the mean", "[spread]") {
  class Lengths : public Embedder {
   public:
    std::vector<float> embed(const std::vector<std::string>& texts) override {
      std::vector<float> vectors;
      for (const std::string& text : texts) {
        vectors.push_back(static_cast<float>(text.size()));
        vectors.push_back(1);
      }
      return vectors;
    }
    int dim() const override { return 2; }
    std::string fingerprint() const override { return "lengths"; }
  };
  const auto centred = make_centred_embedder(std::make_unique<Lengths>(), {2, 1});
  CHECK(centred->embed({"abc", "a"}) == std::vector<float>{1, 0, -1, 0});
  CHECK(centred->dim() == 2);
  CHECK(centred->fingerprint() != "lengths");
  const auto wrong = make_centred_embedder(std::make_unique<Lengths>(), {2, 1, 0});
  CHECK_THROWS_AS(wrong->embed({"a"}), Error);
}
