// The seam between the pipeline and whatever turns an utterance into a vector.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"

namespace latentcrs {

class Embedder {
 public:
  virtual ~Embedder() = default;
  /// Row-major [texts.size(), dim()] floats, not normalised by contract (docs/method.md, section 6).
  virtual std::vector<float> embed(const std::vector<std::string>& texts) = 0;
  virtual int dim() const = 0;
  /// What determines the vectors besides the text (provider, model, parameters, fitted statistics): part of cache keys.
  virtual std::string fingerprint() const = 0;
};

/// The offline embedder: word n-grams and character n-grams of words, weighted by tf-idf with the document frequencies
/// of `corpus` (the training utterances), each hashed to a few coordinates with random signs. English function words
/// and words of asking count a tenth; n-grams that `corpus` lacks count nothing. A vector has norm sqrt(dim), that is
/// coordinates of unit variance, as a linear layer with the usual initial weights expects; it is zero for a text
/// without any known n-gram. Deterministic and needs no model; utterances about the same facet are near each other.
/// Throws Error(data) for an empty corpus.
std::unique_ptr<Embedder> make_hash_embedder(const EmbedOptions& options, const std::vector<std::string>& corpus,
                                             uint64_t seed);

}  // namespace latentcrs
