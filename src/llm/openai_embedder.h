// Embeddings of a language model behind /v1/embeddings: vLLM, llama.cpp and similar servers.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/service.h"
#include "text/embedder.h"
#include "text/prompt_template.h"
#include "transport/credentials.h"

namespace latentcrs {

/// The fields of the prompt around a text.
inline constexpr TemplateField kEmbeddingFields[] = {{"text"}};

/// Before the first vector that is not in the cache, embed() tests the server. It throws Error(config), saying how to
/// start vLLM or llama.cpp right, if the vectors have another width than `dim`, are normalised or all alike, or if the
/// start-of-text marker is not where it should be (servers that have /tokenize). embed() throws Error(remote) if any
/// text has no vector past the retries: a missing vector is never made up. Throws Error(config) for wrong settings. The
/// context's clock must outlive the embedder.
std::unique_ptr<Embedder> make_openai_embedder(const EmbeddingService& service, int dim, const RemoteContext& context);

/// Removes everything that reads like a special token (<|eot_id|>, </s>, [INST]), which would act as one in the prompt.
std::string strip_markers(std::string_view text);

/// The vectors of an embeddings reply, in the order of the texts asked (by `index`), row-major [count, dim]. Throws
/// Error(remote) if there are not exactly `count` of `dim` finite numbers.
std::vector<float> parse_embeddings(const nlohmann::json& reply, size_t count, int dim);

}  // namespace latentcrs
