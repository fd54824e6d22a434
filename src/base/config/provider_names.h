// The words that settings may have for providers of language models and of embeddings. The providers themselves are in
// language/llm/providers.cpp; a unit test compares the two.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// For simulate.provider and its like, beside `offline` or `none`. With _batch a provider is asked by batch jobs.
inline constexpr std::string_view kChatProviderNames[] = {"gemini",       "gemini_batch", "vertex",
                                                          "vertex_batch", "openai",       "openai_batch"};

/// For embed.provider.
inline constexpr std::string_view kEmbeddingProviderNames[] = {"offline", "openai"};

/// `others`, then the names of the chat providers.
std::vector<std::string> with_chat_providers(std::vector<std::string> others);

/// Whether the provider is a service; "", none and offline are not.
bool asks_service(const std::string& provider);

/// The service behind a provider: vertex for vertex and vertex_batch. A direct request and a batch job get the same
/// answers.
std::string service_of(const std::string& provider);

}  // namespace latentcrs
