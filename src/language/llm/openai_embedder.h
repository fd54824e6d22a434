// Embeddings of a language model behind /v1/embeddings: vLLM, llama.cpp and similar servers.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "language/llm/service.h"
#include "language/text/embedder.h"
#include "language/text/prompt_template.h"
#include "language/transport/credentials.h"

namespace latentcrs {

/// The fields of the prompt around a text.
inline constexpr TemplateField kEmbeddingFields[] = {{"text"}};

/// `dim`: the width of the vectors; 0: that of the first one, from the cache or the server. Before the first vector
/// that is not in the cache, embed() tests the server (embedding_probe.h). It throws Error(config), saying how to start
/// vLLM or llama.cpp right, if the vectors have another width than `dim`, are normalised or all alike, or if the
/// start-of-text marker or the prompt's markers are not tokens there as they should be (servers that have /tokenize).
/// embed() throws Error(remote) if any text has no vector past the retries: a missing vector is never made up. Throws
/// Error(config) for wrong settings. The context's clock must outlive the embedder.
std::unique_ptr<Embedder> make_openai_embedder(const EmbeddingService& service, int dim, const RemoteContext& context);

/// The vectors of an embeddings reply, in the order of the texts asked (by `index`), row-major [count, dim]. Throws
/// Error(remote) if there are not exactly `count` of `dim` finite numbers; with dim 0, of as many as the first has.
std::vector<float> parse_embeddings(const nlohmann::json& reply, size_t count, int dim);

}  // namespace latentcrs
