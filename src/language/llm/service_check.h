// Checks whether a service answers with the given credentials, by requests that cost nothing.
#pragma once

#include <string>

#include "base/config/remote_options.h"
#include "language/llm/service.h"
#include "language/transport/credentials.h"

namespace latentcrs {

struct ServiceCheck {
  std::string address;      ///< without anything secret
  std::string credentials;  ///< kind and names
  std::string problem;      ///< empty: the service works
};

/// Calls ChatProvider::probe. This function and those below put every problem into the result; only
/// Error(interrupted) is thrown.
ServiceCheck check_chat_service(const ChatService& service, const RemoteContext& context);
/// Looks at the storage of the provider's batch jobs, as BatchStorage::probe; the provider must have one.
ServiceCheck check_batch_storage(const ChatService& service, const BatchOptions& batch, const RemoteContext& context);
/// Embeds a word, after the checks of the server that precede a first embedding.
ServiceCheck check_embedding_service(EmbeddingService service, int dim, const RemoteContext& context);

}  // namespace latentcrs
