// OpenAI and the servers that speak like it as providers of chat models and of embeddings.
#include <utility>

#include "language/llm/chat_provider.h"
#include "language/llm/embedding_provider.h"
#include "language/llm/openai.h"
#include "language/llm/openai_batch.h"
#include "language/llm/openai_embedder.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

ChatConnection connect_openai(const ChatService& service, const RemoteContext& context) {
  const std::string base = openai_base_url(service.options.base_url, context);
  auto credentials = service.shared.offline ? make_no_credentials()
                                            : make_openai_credentials(service.options.credentials, base, context);
  return {.protocol = make_openai_protocol(service.options, base),
          .credentials = std::move(credentials),
          .also_retried = {409},
          .base_url = base,
          .job_place = base};
}

void probe_openai(ApiClient& client, const ChatConnection& connection, const ChatService& service) {
  find_openai_model(client, connection.base_url, service);
}

std::unique_ptr<Credentials> openai_embedding_credentials(const EmbeddingService& service,
                                                          const RemoteContext& context) {
  return make_openai_credentials(service.options.credentials, checked_base_url(service.options.base_url, "base_url"),
                                 context);
}

}  // namespace

const ChatProvider& openai_provider() {
  static const ChatProvider provider{.name = "openai",
                                     .required = {{"model", &ChatOptions::model}},
                                     .connect = connect_openai,
                                     .probe = probe_openai,
                                     .batch = BatchJobs{.connect = connect_openai,
                                                        .make_service = make_openai_batch,
                                                        .limits = {.max_requests = 50'000, .max_megabytes = 200}}};
  return provider;
}

const EmbeddingProvider& openai_embedding_provider() {
  static const EmbeddingProvider provider{
      .name = "openai",
      .make_remote = make_openai_embedder,
      .required = {{"model", &RemoteEmbedOptions::model}, {"base_url", &RemoteEmbedOptions::base_url}},
      .credentials = openai_embedding_credentials};
  return provider;
}

}  // namespace latentcrs
