// Gemini models on Vertex AI as a provider.
#include <fmt/format.h>

#include <utility>

#include "language/llm/chat_provider.h"
#include "language/llm/gemini.h"
#include "language/llm/vertex_access.h"
#include "language/llm/vertex_batch.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

/// `access.project` may be empty: express mode.
ChatConnection connection_with(VertexAccess access, const ChatService& service) {
  const ChatOptions& options = service.options;
  const std::string base =
      options.base_url.empty() ? vertex_base_url(access.location) : checked_base_url(options.base_url, "base_url");
  const std::string url =
      fmt::format("{}/v1/{}:generateContent", base, vertex_model_path(access.project, access.location, options.model));
  return {.protocol = make_gemini_protocol(service, url),
          .credentials = std::move(access.credentials),
          .base_url = base,
          .project = access.project,
          .location = access.location,
          .job_place = access.project + "/" + access.location};
}

ChatConnection connect_vertex_jobs(const ChatService& service, const RemoteContext& context) {
  return connection_with(find_vertex_access(service, context), service);
}

ChatConnection connect_vertex(const ChatService& service, const RemoteContext& context) {
  const ChatOptions& options = service.options;
  if (options.credentials.kind != "api_key") return connect_vertex_jobs(service, context);
  // In express mode the key stands for the project.
  return connection_with({make_gemini_key(service, context), options.project, vertex_location(options, context)},
                         service);
}

void probe_vertex(ApiClient& client, const ChatConnection& connection, const ChatService& service) {
  count_gemini_tokens(client, connection.protocol->url(), service.section);
}

}  // namespace

const ChatProvider& vertex_provider() {
  static const ChatProvider provider{
      .name = "vertex",
      .required = {{"model", &ChatOptions::model}},
      .connect = connect_vertex,
      .probe = probe_vertex,
      .batch = BatchJobs{.connect = connect_vertex_jobs,
                         .make_service = make_vertex_batch,
                         .required = {{"folder", &BatchOptions::folder}},
                         .storage = BatchStorage{.name = "bucket", .probe = probe_vertex_bucket}}};
  return provider;
}

}  // namespace latentcrs
