#include "language/text/centred_embedder.h"

#include <fmt/format.h>

#include <utility>

#include "base/util/error.h"

namespace latentcrs {

namespace {

class CentredEmbedder : public Embedder {
 public:
  CentredEmbedder(std::unique_ptr<Embedder> inner, std::vector<float> mean)
      : inner_(std::move(inner)), mean_(std::move(mean)) {}

  std::vector<float> embed(const std::vector<std::string>& texts) override {
    std::vector<float> vectors = inner_->embed(texts);
    if (vectors.size() != texts.size() * mean_.size())
      throw config_error(
          fmt::format("embed.center: the mean has {} numbers, and the vectors have another width", mean_.size()));
    for (size_t i = 0; i < vectors.size(); ++i) vectors[i] -= mean_[i % mean_.size()];
    return vectors;
  }

  int dim() const override { return static_cast<int>(mean_.size()); }
  std::string fingerprint() const override { return "centred\n" + inner_->fingerprint(); }
  void on_progress(const std::function<void(size_t)>& embedded) override { inner_->on_progress(embedded); }

 private:
  const std::unique_ptr<Embedder> inner_;
  const std::vector<float> mean_;
};

}  // namespace

std::unique_ptr<Embedder> make_centred_embedder(std::unique_ptr<Embedder> inner, std::vector<float> mean) {
  return std::make_unique<CentredEmbedder>(std::move(inner), std::move(mean));
}

}  // namespace latentcrs
