// Tests whether an embedding server is the right one, started in the right way.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "language/llm/service.h"
#include "language/transport/api_client.h"

namespace latentcrs {

/// The command lines of servers that give the model's own vectors, for messages.
std::string_view how_to_start_embeddings();

/// Different utterances to try a server with, as many as go into one request: 2 to 8.
std::vector<std::string> probe_texts(const RemoteEmbedOptions& options);

/// Prompts and a server's replies to them.
struct EmbeddingProbe {
  std::vector<std::string> prompts = {};      ///< of probe_texts()
  std::vector<nlohmann::json> together = {};  ///< one reply for all prompts, or one for each
  std::vector<nlohmann::json> alone = {};     ///< for the first and the last prompt; empty if none was sent together
};

/// Reads the replies, vectors of `dim` numbers, and writes into the log how wide the vectors are, how much they differ,
/// how much a text's vector depends on the texts beside it, and how many tokens the server counted. Throws
/// Error(config) as check_probe_vectors(), and where there is a token for more than 20 bytes, so that the prompt has
/// not reached the model. Warns of vectors that hardly differ or depend on their neighbours by more than a thousandth
/// of their length.
void check_probe(const EmbeddingProbe& probe, int dim, const EmbeddingService& service);

/// `vectors`: those of two different texts, row-major [2, D]. Throws Error(config) if they are alike, or both of length
/// 1 (unless accept_unit_vectors), because then the server normalises.
void check_probe_vectors(const std::vector<float>& vectors, const EmbeddingService& service);

/// Asks the server's /tokenize, in vLLM's form or in llama.cpp's, whether each marker of the service's prompt is a
/// single token, and whether `prompt` begins with bos_tokens start-of-text tokens (bos_marker=auto: with no more than
/// the server puts there). Throws Error(config) if not; a server without /tokenize is not checked.
void check_prompt_tokens(ApiClient& client, const std::string& prompt, const EmbeddingService& service);

}  // namespace latentcrs
