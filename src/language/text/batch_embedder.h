// Embedding one batch of texts after the other, beside other work.
#pragma once

#include <functional>
#include <future>
#include <string>
#include <vector>

#include "language/text/embedder.h"

namespace latentcrs {

/// Vectors [texts, D], row-major.
struct EmbeddedBatch {
  size_t texts = 0;
  std::vector<float> vectors = {};
};

/// Embeds one batch after the other. Where `ahead` says so, it does so on another thread, so that a service is asked
/// while the vectors before are written and the texts after are read. Its destructor waits for the batch under way,
/// whose answers a service was paid for.
class BatchEmbedder {
 public:
  /// `embedded` is called with the number of texts of each batch that is done, on the thread that embedded it.
  BatchEmbedder(Embedder& embedder, bool ahead, std::function<void(size_t)> embedded);

  /// Begins with `texts`, and returns the batch before: none at first. A batch waits until the next one begins. Throws
  /// what embedding the batch before threw.
  EmbeddedBatch begin(std::vector<std::string> texts);
  /// Returns the last batch; throws as begin() does.
  EmbeddedBatch finish();

 private:
  Embedder& embedder_;
  const std::launch policy_;
  const std::function<void(size_t)> embedded_;
  std::future<EmbeddedBatch> under_way_;
};

}  // namespace latentcrs
