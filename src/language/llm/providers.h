// The tables of providers. A new one is added to providers.cpp and to base/config/provider_names.h, and is defined in a
// source of its own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "language/llm/chat_provider.h"
#include "language/llm/embedding_provider.h"

namespace latentcrs {

/// All chat providers.
const std::vector<const ChatProvider*>& chat_providers();

/// The provider of that name. Throws Error(config) naming all of them if there is none.
const ChatProvider& chat_provider(std::string_view name);

/// The value of a setting such as simulate.provider: `vertex` is asked directly, `vertex_batch` by batch jobs.
struct ChatProviderChoice {
  const ChatProvider* provider;
  bool by_batch = false;
};
/// Nothing for a value that is no chat provider: `offline`, `none`.
std::optional<ChatProviderChoice> find_chat_provider(std::string_view setting);

/// Every value that find_chat_provider() knows, in the order of the table.
std::vector<std::string> chat_provider_settings();

/// All embedding providers.
const std::vector<const EmbeddingProvider*>& embedding_providers();

/// The provider that embed.provider names. Throws Error(config) naming all of them if there is none.
const EmbeddingProvider& embedding_provider(std::string_view name);

}  // namespace latentcrs
