// A provider of embeddings as one object, listed in language/llm/providers.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/config/text_options.h"
#include "language/llm/chat_provider.h"
#include "language/llm/service.h"
#include "language/text/embedder.h"
#include "language/transport/credentials.h"

namespace latentcrs {

/// Exactly one of the two make_… functions is set.
struct EmbeddingProvider {
  std::string_view name;  ///< as embed.provider calls it
  /// Makes an embedder that learns from the training utterances, without prompt and without network.
  std::unique_ptr<Embedder> (*make_from_corpus)(const EmbedOptions& options, const TextSource& corpus,
                                                uint64_t seed) = nullptr;
  /// Makes an embedder of `dim` numbers a text that asks a service. Its first embed() checks that the server is right.
  std::unique_ptr<Embedder> (*make_remote)(const EmbeddingService& service, int dim,
                                           const RemoteContext& context) = nullptr;
  std::vector<RequiredSetting<RemoteEmbedOptions>> required = {};  ///< of a remote one
  /// The credentials of a remote one.
  std::unique_ptr<Credentials> (*credentials)(const EmbeddingService& service, const RemoteContext& context) = nullptr;

  bool is_remote() const { return make_remote != nullptr; }
};

}  // namespace latentcrs
