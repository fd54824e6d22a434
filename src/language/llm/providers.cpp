#include "language/llm/providers.h"

#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

// Each is defined in the source of its family, llm/<family>_provider.cpp.
const ChatProvider& gemini_provider();
const ChatProvider& vertex_provider();
const ChatProvider& openai_provider();
const EmbeddingProvider& openai_embedding_provider();

namespace {

constexpr std::string_view kBatchSuffix = "_batch";

const EmbeddingProvider& offline_embedding_provider() {
  static const EmbeddingProvider provider{.name = "offline", .make_from_corpus = make_hash_embedder};
  return provider;
}

/// "gemini, vertex or openai"
template <class Provider>
std::string names_of(const std::vector<const Provider*>& providers) {
  std::string text;
  for (size_t i = 0; i < providers.size(); ++i)
    text += fmt::format("{}{}", i == 0 ? "" : i + 1 == providers.size() ? " or " : ", ", providers[i]->name);
  return text;
}

template <class Provider>
const Provider& find_by_name(const std::vector<const Provider*>& providers, std::string_view name,
                             std::string_view setting) {
  for (const Provider* provider : providers)
    if (provider->name == name) return *provider;
  throw config_error(fmt::format("{}={}: {}", setting, name, names_of(providers)));
}

}  // namespace

const std::vector<const ChatProvider*>& chat_providers() {
  static const std::vector<const ChatProvider*> providers = {&gemini_provider(), &vertex_provider(),
                                                             &openai_provider()};
  return providers;
}

const std::vector<const EmbeddingProvider*>& embedding_providers() {
  static const std::vector<const EmbeddingProvider*> providers = {&offline_embedding_provider(),
                                                                  &openai_embedding_provider()};
  return providers;
}

const ChatProvider& chat_provider(std::string_view name) { return find_by_name(chat_providers(), name, "provider"); }

std::optional<ChatProviderChoice> find_chat_provider(std::string_view setting) {
  for (const ChatProvider* provider : chat_providers()) {
    if (setting == provider->name) return ChatProviderChoice{provider, false};
    if (provider->batch && setting == fmt::format("{}{}", provider->name, kBatchSuffix))
      return ChatProviderChoice{provider, true};
  }
  return std::nullopt;
}

std::vector<std::string> chat_provider_settings() {
  std::vector<std::string> settings;
  for (const ChatProvider* provider : chat_providers()) {
    settings.emplace_back(provider->name);
    if (provider->batch) settings.push_back(fmt::format("{}{}", provider->name, kBatchSuffix));
  }
  return settings;
}

const EmbeddingProvider& embedding_provider(std::string_view name) {
  return find_by_name(embedding_providers(), name, "embed.provider");
}

}  // namespace latentcrs
