#include "language/text/mean_embedder.h"

#include <algorithm>
#include <utility>

#include "base/util/error.h"

namespace latentcrs {

namespace {

class MeanEmbedder : public Embedder {
 public:
  explicit MeanEmbedder(std::vector<std::unique_ptr<Embedder>> parts) : parts_(std::move(parts)) {}

  std::vector<float> embed(const std::vector<std::string>& texts) override {
    std::vector<float> sum = parts_[0]->embed(texts);
    for (size_t p = 1; p < parts_.size(); ++p) {
      const std::vector<float> more = parts_[p]->embed(texts);
      if (more.size() != sum.size()) throw config_error("the embedders of the tasks have different widths");
      std::transform(sum.begin(), sum.end(), more.begin(), sum.begin(), std::plus<>());
    }
    for (float& value : sum) value /= static_cast<float>(parts_.size());
    return sum;
  }

  int dim() const override { return parts_[0]->dim(); }

  std::string fingerprint() const override {
    std::string all = "mean of";
    for (const auto& part : parts_) all += "\n" + part->fingerprint();
    return all;
  }

 private:
  std::vector<std::unique_ptr<Embedder>> parts_;
};

}  // namespace

std::unique_ptr<Embedder> make_mean_embedder(std::vector<std::unique_ptr<Embedder>> parts) {
  if (parts.empty()) throw internal_error("a mean of no embedders");
  for (const auto& part : parts)
    if (part->dim() != parts[0]->dim()) throw internal_error("a mean of embedders of different widths");
  if (parts.size() == 1) return std::move(parts[0]);
  return std::make_unique<MeanEmbedder>(std::move(parts));
}

}  // namespace latentcrs
