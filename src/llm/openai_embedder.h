// Embeddings of a language model behind /v1/embeddings: vLLM, llama.cpp and their like.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "config/remote_options.h"
#include "text/embedder.h"
#include "text/prompt_template.h"
#include "transport/credentials.h"

namespace latentcrs {

/// What the prompt around a text may speak of.
inline constexpr TemplateField kEmbeddingFields[] = {{"text"}};

/// Before the first vector that is not in the cache, embed() asks the server a few things and throws Error(config),
/// saying how to start vLLM or llama.cpp right, if it is the wrong one: vectors of another width than `dim`,
/// normalised, all alike, or the start-of-text marker not where it should be (servers that have /tokenize). embed()
/// throws Error(remote) if any text has no vector past the retries: a missing vector is never made up. Throws
/// Error(config) for wrong options. The clock must outlive it.
std::unique_ptr<Embedder> make_openai_embedder(const RemoteEmbedOptions& options, int dim,
                                               const RemoteContext& context);

/// Without anything that reads like a special token (<|eot_id|>, </s>, [INST]): in the prompt it would act as one.
std::string strip_markers(std::string_view text);

/// The vectors of an embeddings reply, in the order asked (by `index`), row-major [count, dim]. Throws Error(remote) if
/// there are not exactly `count` of `dim` finite numbers.
std::vector<float> parse_embeddings(const nlohmann::json& reply, size_t count, int dim);

}  // namespace latentcrs
