// The words that settings may have for providers of language models and of embeddings. The providers themselves are in
// llm/providers.cpp; a unit test compares the two.
#pragma once

#include <string_view>

namespace latentcrs {

/// For simulate.provider and its like, beside `offline` or `none`. With _batch a provider is asked by batch jobs.
inline constexpr std::string_view kChatProviderNames[] = {"gemini",       "gemini_batch", "vertex",
                                                          "vertex_batch", "openai",       "openai_batch"};

/// For embed.provider.
inline constexpr std::string_view kEmbeddingProviderNames[] = {"offline", "openai"};

}  // namespace latentcrs
