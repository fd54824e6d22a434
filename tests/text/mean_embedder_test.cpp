#include "language/text/mean_embedder.h"

#include <catch2/catch.hpp>

#include "base/util/error.h"

using namespace latentcrs;

namespace {

/// An embedder whose coordinates are all the length of the text times a factor.
class LengthEmbedder : public Embedder {
 public:
  LengthEmbedder(float factor, int dim) : factor_(factor), dim_(dim) {}
  std::vector<float> embed(const std::vector<std::string>& texts) override {
    std::vector<float> vectors;
    for (const std::string& text : texts)
      vectors.insert(vectors.end(), static_cast<size_t>(dim_), factor_ * static_cast<float>(text.size()));
    return vectors;
  }
  int dim() const override { return dim_; }
  std::string fingerprint() const override { return std::to_string(factor_); }

 private:
  float factor_;
  int dim_;
};

std::unique_ptr<Embedder> mean_of(const std::vector<float>& factors, int last_dim = 2) {
  std::vector<std::unique_ptr<Embedder>> parts;
  for (const float factor : factors)
    parts.push_back(std::make_unique<LengthEmbedder>(factor, parts.size() + 1 == factors.size() ? last_dim : 2));
  return make_mean_embedder(std::move(parts));
}

}  // namespace

TEST_CASE("the mean of several embedders' vectors", "[mean_embedder]") {
  const auto mean = mean_of({1, 2, 6});
  CHECK(mean->dim() == 2);
  CHECK(mean->embed({"ab", ""}) == std::vector<float>{6, 6, 0, 0});
  CHECK(mean->fingerprint() != mean_of({1, 6, 2})->fingerprint());
  CHECK(mean_of({5})->embed({"a"}) == std::vector<float>{5, 5});
  CHECK_THROWS_AS(mean_of({}), Error);
  CHECK_THROWS_AS(mean_of({1, 2}, 3), Error);
}
