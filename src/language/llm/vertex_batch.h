// Batch prediction of Gemini models on Vertex AI, with Cloud Storage for input and output.
#pragma once

#include <memory>

#include "language/llm/chat_provider.h"

namespace latentcrs {

/// Throws Error(config) if access.batch.folder is no gs:// address.
std::unique_ptr<BatchService> make_vertex_batch(const BatchAccess& access);

/// Lists batch.folder, which costs nothing, and sets check.credentials. Throws Error where that fails.
void probe_vertex_bucket(ServiceCheck& check, const ChatService& service, const BatchOptions& batch,
                         const RemoteContext& context);

}  // namespace latentcrs
