#include "language/llm/providers.h"

#include <catch2/catch.hpp>

#include "base/config/provider_names.h"
#include "base/util/error.h"

using namespace latentcrs;

TEST_CASE("settings accept the chat providers of the table, in its order", "[providers]") {
  const std::vector<std::string> spelt(std::begin(kChatProviderNames), std::end(kChatProviderNames));
  CHECK(spelt == chat_provider_settings());
  for (const std::string& setting : spelt) {
    INFO(setting);
    const auto choice = find_chat_provider(setting);
    REQUIRE(choice);
    CHECK(choice->by_batch == setting.ends_with("_batch"));
    CHECK(setting.starts_with(choice->provider->name));
    CHECK(&chat_provider(choice->provider->name) == choice->provider);
  }
  for (const char* other : {"", "none", "offline", "batch", "gemini_", "_batch"})
    CHECK_FALSE(find_chat_provider(other));
}

TEST_CASE("a chat provider has all its parts", "[providers]") {
  for (const ChatProvider* provider : chat_providers()) {
    INFO(provider->name);
    CHECK_FALSE(provider->name.empty());
    CHECK(provider->connect != nullptr);
    CHECK(provider->probe != nullptr);
    REQUIRE_FALSE(provider->required.empty());
    CHECK(provider->required.front().name == "model");
    if (!provider->batch) continue;
    CHECK(provider->batch->connect != nullptr);
    CHECK(provider->batch->make_service != nullptr);
    CHECK(provider->batch->limits.max_requests >= 1);
    CHECK(provider->batch->limits.max_megabytes > 0);
    if (!provider->batch->storage) continue;
    CHECK_FALSE(provider->batch->storage->name.empty());
    CHECK(provider->batch->storage->probe != nullptr);
    CHECK_FALSE(provider->batch->required.empty());
  }
}

TEST_CASE("an embedding provider has all its parts, and settings accept its name", "[providers]") {
  std::vector<std::string_view> names;
  for (const EmbeddingProvider* provider : embedding_providers()) {
    INFO(provider->name);
    names.push_back(provider->name);
    CHECK(&embedding_provider(provider->name) == provider);
    CHECK(provider->is_remote() == (provider->make_from_corpus == nullptr));
    CHECK(provider->is_remote() == (provider->credentials != nullptr));
    CHECK(provider->is_remote() == !provider->required.empty());
  }
  CHECK(names == std::vector<std::string_view>(std::begin(kEmbeddingProviderNames), std::end(kEmbeddingProviderNames)));
}

TEST_CASE("an unknown provider is an error that names all", "[providers]") {
  CHECK_THROWS_WITH(chat_provider("nobody"), "provider=nobody: gemini, vertex or openai");
  CHECK_THROWS_WITH(chat_provider("vertex_batch"), "provider=vertex_batch: gemini, vertex or openai");
  CHECK_THROWS_WITH(embedding_provider("nobody"), "embed.provider=nobody: offline or openai");
}
