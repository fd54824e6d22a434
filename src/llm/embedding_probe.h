// Is it the right embedding server, started the right way?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/remote_options.h"
#include "transport/api_client.h"

namespace latentcrs {

/// The command lines of servers that give what is wanted, for messages.
std::string_view how_to_start_embeddings();

/// Vectors of two different texts, row-major. Throws Error(config) if they are alike, or all of length 1 (unless
/// options.accept_unit_vectors): then the server normalises.
void check_probe_vectors(const std::vector<float>& vectors, const RemoteEmbedOptions& options);

/// Asks the server's /tokenize, in vLLM's form and in llama.cpp's, whether `prompt` begins with options.bos_tokens
/// start-of-text tokens. Throws Error(config) if not; a server without /tokenize is taken at its word.
void check_prompt_tokens(ApiClient& client, const std::string& prompt, const RemoteEmbedOptions& options);

}  // namespace latentcrs
