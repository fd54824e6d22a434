// Does a service answer, and to these credentials? Asked in ways that cost nothing.
#pragma once

#include <string>

#include "config/remote_options.h"
#include "transport/credentials.h"

namespace latentcrs {

struct ServiceCheck {
  std::string address;      ///< without anything secret
  std::string credentials;  ///< kind and names
  std::string problem;      ///< empty: works
};

/// gemini and vertex: counts the tokens of a word with the model. openai: looks for the model in the server's list.
/// Whatever goes wrong is in `problem`; only Error(interrupted) is thrown, here and below.
ServiceCheck check_chat_service(const ChatOptions& options, const RemoteContext& context);
/// Lists batch.folder.
ServiceCheck check_bucket(const ChatOptions& options, const BatchOptions& batch, const RemoteContext& context);
/// Embeds a word, with the probe of make_openai_embedder().
ServiceCheck check_embedding_service(RemoteEmbedOptions options, int dim, const RemoteContext& context);

}  // namespace latentcrs
