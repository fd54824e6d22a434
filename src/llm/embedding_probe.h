// Tests whether an embedding server is the right one, started in the right way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llm/service.h"
#include "transport/api_client.h"

namespace latentcrs {

/// The command lines of servers that give the model's own vectors, for messages.
std::string_view how_to_start_embeddings();

/// `vectors`: those of two different texts, row-major [2, D]. Throws Error(config) if they are alike, or both of length
/// 1 (unless accept_unit_vectors), because then the server normalises.
void check_probe_vectors(const std::vector<float>& vectors, const EmbeddingService& service);

/// Asks the server's /tokenize, in vLLM's form and in llama.cpp's, whether `prompt` begins with bos_tokens
/// start-of-text tokens. Throws Error(config) if not; a server without /tokenize is not checked.
void check_prompt_tokens(ApiClient& client, const std::string& prompt, const EmbeddingService& service);

}  // namespace latentcrs
