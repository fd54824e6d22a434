// Batch mode of the Gemini Developer API.
#pragma once

#include <memory>

#include "language/llm/chat_provider.h"

namespace latentcrs {

std::unique_ptr<BatchService> make_gemini_batch(const BatchAccess& access);

}  // namespace latentcrs
