// Batch jobs of OpenAI and of gateways that offer the same: /v1/files and /v1/batches.
#pragma once

#include <memory>

#include "language/llm/chat_provider.h"

namespace latentcrs {

std::unique_ptr<BatchService> make_openai_batch(const BatchAccess& access);

}  // namespace latentcrs
