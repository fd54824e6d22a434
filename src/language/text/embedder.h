// The interface of everything that turns texts into vectors, and the embedder that needs no model.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config/text_options.h"

namespace latentcrs {

/// Calls `take` with one text after the other. It may be called several times, and then gives the same texts.
using TextSource = std::function<void(const std::function<void(const std::string& text)>& take)>;

/// What embedding some texts would ask a service for; each prompt counts once.
struct EmbeddingPlan {
  std::vector<std::string> prompts = {};  ///< to be sent
  size_t cached = 0;                      ///< prompts whose vectors are in the cache
};

class Embedder {
 public:
  virtual ~Embedder() = default;
  /// Returns the vectors of `texts` as a row-major matrix [texts.size(), dim()]. Their norms are not prescribed
  /// (docs/method.md, section 6). Implementations throw Error(remote) where a service fails.
  virtual std::vector<float> embed(const std::vector<std::string>& texts) = 0;
  /// The width of the vectors; 0 where a service says it with the first of them, until then.
  virtual int dim() const = 0;
  /// Everything besides the text that the vectors depend on: provider, model, parameters, fitted statistics. It is part
  /// of cache keys.
  virtual std::string fingerprint() const = 0;
  /// What embed() would send; nothing where there is no service.
  virtual EmbeddingPlan plan(const std::vector<std::string>& texts) {
    (void)texts;
    return {};
  }
  /// During embed(), `embedded` is called with the number of further texts that have their vectors, never by two
  /// threads at once. Embedders that are done in no time do not call it.
  virtual void on_progress(const std::function<void(size_t texts)>& embedded) { (void)embedded; }
};

/// The offline embedder. Its features are word n-grams and character n-grams of words, weighted by tf-idf with the
/// document frequencies of `corpus` (the training utterances, which are read one by one); each is hashed to a few
/// coordinates with random signs. n-grams with an English function word or a word of asking have a tenth of their
/// weight, and n-grams that `corpus` lacks have none. A vector has the norm sqrt(dim), so its coordinates have unit
/// variance, as a linear layer with the usual initial weights expects; the vector of a text without any known n-gram is
/// zero. The embedder is deterministic and needs no model; utterances about the same facet are near each other. Throws
/// Error(data) for an empty corpus. With options.genre_weight the last genre_coordinates() say which genres the text
/// names (find_genres()), in this order: genre_weight for a genre that is named, its negative for one that is turned
/// down.
std::unique_ptr<Embedder> make_hash_embedder(const EmbedOptions& options, const TextSource& corpus, uint64_t seed);
/// The coordinates of the offline embedder's vectors that stand for genres.
size_t genre_coordinates(const EmbedOptions& options);

}  // namespace latentcrs
