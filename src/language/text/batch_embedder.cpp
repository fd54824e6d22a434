#include "language/text/batch_embedder.h"

#include <utility>

#include "base/util/profile.h"

namespace latentcrs {

BatchEmbedder::BatchEmbedder(Embedder& embedder, bool ahead, std::function<void(size_t)> embedded)
    : embedder_(embedder),
      policy_(ahead ? std::launch::async : std::launch::deferred),
      embedded_(std::move(embedded)) {}

EmbeddedBatch BatchEmbedder::begin(std::vector<std::string> texts) {
  EmbeddedBatch before = finish();
  under_way_ = std::async(policy_, [this, texts = std::move(texts)] {
    EmbeddedBatch batch{texts.size(), profile::timed("vectors", [&] { return embedder_.embed(texts); })};
    embedded_(texts.size());
    return batch;
  });
  return before;
}

EmbeddedBatch BatchEmbedder::finish() { return under_way_.valid() ? under_way_.get() : EmbeddedBatch{}; }

}  // namespace latentcrs
