// The Gemini Developer API as a provider.
#include <fmt/format.h>

#include "language/llm/chat_provider.h"
#include "language/llm/gemini.h"
#include "language/llm/gemini_batch.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

ChatConnection connect_gemini(const ChatService& service, const RemoteContext& context) {
  const ChatOptions& options = service.options;
  const std::string base = options.base_url.empty() ? "https://generativelanguage.googleapis.com"
                                                    : checked_base_url(options.base_url, "base_url");
  const std::string url = fmt::format("{}/v1beta/models/{}:generateContent", base, percent_encode(options.model));
  return {.protocol = make_gemini_protocol(service, url),
          .credentials = make_gemini_key(service, context),
          .base_url = base,
          .job_place = base};
}

void probe_gemini(ApiClient& client, const ChatConnection& connection, const ChatService& service) {
  count_gemini_tokens(client, connection.protocol->url(), service.section);
}

}  // namespace

const ChatProvider& gemini_provider() {
  static const ChatProvider provider{.name = "gemini",
                                     .required = {{"model", &ChatOptions::model}},
                                     .connect = connect_gemini,
                                     .probe = probe_gemini,
                                     .batch = BatchJobs{.connect = connect_gemini, .make_service = make_gemini_batch}};
  return provider;
}

}  // namespace latentcrs
