#include "language/llm/service_check.h"

#include <functional>

#include "base/util/error.h"
#include "language/llm/check_options.h"
#include "language/llm/providers.h"
#include "language/transport/api_client.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

/// Does `work`, and reports an Error as the problem of the service.
ServiceCheck checked(const std::string& section, const std::function<void(ServiceCheck&)>& work) {
  ServiceCheck check;
  try {
    naming_settings(section, [&] { work(check); });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    check.problem = error.what();
  }
  return check;
}

}  // namespace

ServiceCheck check_chat_service(const ChatService& service, const RemoteContext& context) {
  return checked(service.section, [&](ServiceCheck& check) {
    check_options(service);
    const ChatProvider& provider = chat_provider(service.provider);
    const ChatConnection connection = provider.connect(service, context);
    check.address = display_url(connection.protocol->url());
    check.credentials = connection.credentials->describe();
    ApiClient client(context, *connection.credentials,
                     {service.shared.http, service.shared.retry, connection.also_retried});
    provider.probe(client, connection, service);
  });
}

ServiceCheck check_batch_storage(const ChatService& service, const BatchOptions& batch, const RemoteContext& context) {
  return checked(service.section, [&](ServiceCheck& check) {
    check.address = batch.folder;
    chat_provider(service.provider).batch.value().storage.value().probe(check, service, batch, context);
  });
}

ServiceCheck check_embedding_service(EmbeddingService service, int dim, const RemoteContext& context) {
  return checked(service.section, [&](ServiceCheck& check) {
    service.shared.cache.clear();
    check.address = display_url(service.options.base_url);
    const EmbeddingProvider& provider = embedding_provider(service.provider);
    check.credentials = provider.credentials(service, context)->describe();
    provider.make_remote(service, dim, context)->embed({"hello"});
  });
}

}  // namespace latentcrs
