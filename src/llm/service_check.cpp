#include "llm/service_check.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "llm/check_options.h"
#include "llm/openai.h"
#include "llm/openai_embedder.h"
#include "llm/remote_chat.h"
#include "llm/vertex_access.h"
#include "transport/gcs.h"
#include "transport/json_api.h"
#include "transport/json_fields.h"

namespace latentcrs {

namespace {

using nlohmann::json;

ServiceCheck checked(const std::string& section, const std::function<void(ServiceCheck&)>& look) {
  ServiceCheck check;
  try {
    naming_settings(section, [&] { look(check); });
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted) throw;
    check.problem = error.what();
  }
  return check;
}

/// The model's own endpoint, with another verb.
std::string count_tokens_url(const std::string& generate_url) {
  return generate_url.substr(0, generate_url.rfind(':')) + ":countTokens";
}

void count_tokens(ApiClient& client, const std::string& generate_url, const std::string& section) {
  const json body = {{"contents", {{{"role", "user"}, {"parts", {{{"text", "hello"}}}}}}}};
  const std::string url = count_tokens_url(generate_url);
  const HttpResponse response = client.call(
      {.method = "POST", .url = url, .headers = {{"Content-Type", "application/json"}}, .body = body.dump()});
  throw_if_hopeless(response, url, section);
  if (!response.success()) throw refusal(url, response);
}

void find_model(ApiClient& client, const std::string& base_url, const ChatOptions& options) {
  const std::string url = openai_url(base_url, "models");
  const HttpResponse response = client.call({.url = url});
  throw_if_hopeless(response, url, options.section);
  if (!response.success()) throw refusal(url, response);
  const json reply = json::parse(response.body, nullptr, false);
  const json& models = field(reply, "data");
  std::string names;
  if (models.is_array())
    for (const json& entry : models) {
      const std::string id = string(entry, "id");
      if (id == options.model) return;
      if (names.size() < 200) names += (names.empty() ? "" : ", ") + id;
    }
  throw config_error(fmt::format("{}: has no model '{}'; it lists {}", display_url(url), options.model,
                                 names.empty() ? "none" : names));
}

}  // namespace

ServiceCheck check_chat_service(const ChatOptions& options, const RemoteContext& context) {
  return checked(options.section, [&](ServiceCheck& check) {
    check_options(options);
    const ChatParts parts = make_chat_parts(options, context);
    check.address = display_url(parts.protocol->url());
    check.credentials = parts.credentials->describe();
    ApiClient client(context, *parts.credentials, {options.http, options.retry, parts.also_retried});
    if (options.provider == "openai")
      find_model(client, openai_base_url(options.base_url, context), options);
    else
      count_tokens(client, parts.protocol->url(), options.section);
  });
}

ServiceCheck check_bucket(const ChatOptions& options, const BatchOptions& batch, const RemoteContext& context) {
  return checked(options.section, [&](ServiceCheck& check) {
    check.address = batch.folder;
    const GcsPath folder = parse_gcs_path(batch.folder, "simulate.batch.folder");
    const auto emulator = gcs_emulator(context);
    const auto credentials = emulator ? make_no_credentials() : make_google_credentials(options.credentials, context);
    check.credentials = credentials->describe();
    ApiClient client(context, *credentials, {options.http, options.retry, {}});
    Gcs(client, context.clock, emulator.value_or(GcsOptions{}))
        .list({folder.bucket, folder.name + "/latentcrs-doctor"});
  });
}

ServiceCheck check_embedding_service(RemoteEmbedOptions options, int dim, const RemoteContext& context) {
  return checked(options.section, [&](ServiceCheck& check) {
    options.cache.clear();
    check.address = display_url(options.base_url);
    check.credentials =
        make_openai_credentials(options.credentials, checked_base_url(options.base_url, "base_url"), context)
            ->describe();
    make_openai_embedder(options, dim, context)->embed({"hello"});
  });
}

}  // namespace latentcrs
