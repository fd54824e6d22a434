#include "language/text/batch_embedder.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <future>
#include <stdexcept>

using namespace latentcrs;

namespace {

/// Gives each text its length as its vector of one number; refuses an empty text.
class LengthEmbedder : public Embedder {
 public:
  std::vector<float> embed(const std::vector<std::string>& texts) override {
    if (may_embed.valid()) may_embed.wait();
    std::vector<float> lengths;
    for (const std::string& text : texts) {
      if (text.empty()) throw std::runtime_error("an empty text");
      lengths.push_back(static_cast<float>(text.size()));
    }
    return lengths;
  }
  int dim() const override { return 1; }
  std::string fingerprint() const override { return "lengths"; }

  std::shared_future<void> may_embed;  ///< where it is set, embed() waits for it
};

}  // namespace

TEST_CASE("batches come out in the order in which they began", "[batch_embedder]") {
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    LengthEmbedder embedder;
    std::atomic<size_t> done = 0;
    BatchEmbedder batches(embedder, ahead, [&](size_t texts) { done += texts; });
    CHECK(batches.begin({"a", "bb"}).texts == 0);
    const EmbeddedBatch first = batches.begin({"ccc"});
    CHECK(first.texts == 2);
    CHECK(first.vectors == std::vector<float>{1, 2});
    CHECK(batches.begin({"dddd", "e"}).vectors == std::vector<float>{3});
    CHECK(batches.finish().vectors == std::vector<float>{4, 1});
    CHECK(done == 5);
    CHECK(batches.finish().texts == 0);
  }
}

TEST_CASE("a batch is embedded while the caller does something else", "[batch_embedder]") {
  std::promise<void> go;
  LengthEmbedder embedder;
  embedder.may_embed = go.get_future().share();
  BatchEmbedder batches(embedder, /*ahead=*/true, [](size_t) {});
  batches.begin({"aa"});  // it returns although embed() waits
  go.set_value();
  CHECK(batches.finish().vectors == std::vector<float>{2});
}

TEST_CASE("an error reaches the caller with the next call, and a batch under way is waited for", "[batch_embedder]") {
  for (const bool ahead : {false, true}) {
    CAPTURE(ahead);
    LengthEmbedder embedder;
    BatchEmbedder batches(embedder, ahead, [](size_t) {});
    batches.begin({""});
    CHECK_THROWS_AS(batches.begin({"a"}), std::runtime_error);
    CHECK(batches.finish().texts == 0);
  }
  std::atomic<size_t> done = 0;
  LengthEmbedder embedder;
  {
    BatchEmbedder batches(embedder, /*ahead=*/true, [&](size_t texts) { done += texts; });
    batches.begin({"a", "b"});
  }
  CHECK(done == 2);
}
