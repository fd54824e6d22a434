#include "language/transport/google_credentials.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/text.h"
#include "language/transport/run_command.h"
#include "language/transport/service_account.h"
#include "language/transport/token_source.h"
#include "language/transport/token_text.h"
#include "language/transport/url.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr double kCommandSeconds = 60;

/// Returns the address of a token service. Throws Error(config) unless it uses TLS or is on this machine, because keys
/// are sent there.
std::string checked_token_url(const std::string& url, const std::string& where) {
  if (url.starts_with("https://") || is_this_machine(url)) return url;
  throw config_error(fmt::format("{}: token_uri {} is not https", where, display_url(url)));
}

HttpRequest form_post(const std::string& url, const std::vector<std::pair<std::string, Secret>>& fields) {
  HttpRequest request{.method = "POST", .url = url, .headers = {{"Content-Type", "application/x-www-form-urlencoded"}}};
  for (const auto& [name, value] : fields) {
    const std::string encoded = percent_encode(value.reveal());
    request.body += (request.body.empty() ? "" : "&") + name + "=" + encoded;
    if (name == "grant_type") continue;
    request.body_secrets.push_back(value);
    request.body_secrets.emplace_back(encoded);
  }
  return request;
}

/// Reads string fields of a credentials file. Messages never show the contents of the file.
class CredentialsFile {
 public:
  explicit CredentialsFile(const std::filesystem::path& path) : where_(path.string()), object_(parse(path)) {}

  std::string optional(const char* key) const {
    const auto found = object_.find(key);
    return found != object_.end() && found->is_string() ? found->get<std::string>() : std::string();
  }
  std::string required(const char* key) const {
    std::string value = optional(key);
    if (value.empty()) throw config_error(fmt::format("{}: no \"{}\" in this credentials file", where_, key));
    return value;
  }
  const std::string& where() const { return where_; }

 private:
  static json parse(const std::filesystem::path& path) {
    json object = json::parse(read_file(path), nullptr, false);
    if (!object.is_object())
      throw config_error(fmt::format("{}: not a JSON object; expected Google credentials", path.string()));
    return object;
  }

  std::string where_;
  json object_;
};

TokenSource service_account(const CredentialsFile& file, const RemoteContext& context) {
  const ServiceAccountKey key = {file.required("client_email"), Secret(file.required("private_key")),
                                 file.optional("private_key_id")};
  const std::string named = file.optional("token_uri");
  const std::string url = checked_token_url(named.empty() ? context.google_token_url : named, file.where());
  const std::string who = fmt::format("service account {} ({})", key.client_email, file.where());
  const auto fetch = [=] {
    const Secret grant("urn:ietf:params:oauth:grant-type:jwt-bearer");
    const Secret assertion = service_account_assertion(key, context.clock.now());
    return fetch_token(form_post(url, {{"grant_type", grant}, {"assertion", assertion}}), context, who);
  };
  return {fetch, who, file.optional("project_id"), ""};
}

TokenSource authorized_user(const CredentialsFile& file, const RemoteContext& context) {
  const Secret id(file.required("client_id")), secret(file.required("client_secret"));
  const Secret refresh(file.required("refresh_token"));
  const std::string url = checked_token_url(context.google_token_url, file.where());
  const std::string who = fmt::format("user credentials ({})", file.where());
  const auto fetch = [=] {
    const HttpRequest request = form_post(url, {{"grant_type", Secret("refresh_token")},
                                                {"client_id", id},
                                                {"client_secret", secret},
                                                {"refresh_token", refresh}});
    return fetch_token(request, context, who);
  };
  return {fetch, who, file.optional("quota_project_id"), file.optional("quota_project_id")};
}

/// Returns a request for the metadata server, which must reach nothing but the server of this machine.
HttpRequest metadata_request(const std::string& url) {
  return {.url = url, .headers = {{"Metadata-Flavor", "Google"}}, .direct = true};
}

std::string metadata_root(const RemoteContext& context) {
  for (const char* name : {"GCE_METADATA_HOST", "GCE_METADATA_ROOT"})
    if (const std::string host = context.environment(name); !host.empty()) return "http://" + host;
  return context.metadata_url;
}

bool on_google_machine(const RemoteContext& context) {
  if (lower_case(context.environment("NO_GCE_CHECK")) == "true") return false;
  constexpr double seconds = 3;
  constexpr int tries = 3;
  const std::string address = context.environment("GCE_METADATA_IP");
  const bool usual = metadata_root(context) == "http://metadata.google.internal";
  HttpRequest ping = metadata_request(!address.empty() ? "http://" + address + "/"
                                      : usual          ? "http://169.254.169.254/"
                                                       : metadata_root(context) + "/");
  ping.connect_timeout = ping.timeout = seconds;
  for (int i = 0; i < tries; ++i) {
    const HttpResponse response = context.http->send(ping);
    if (response.status != 0) return response.status == 200 && response.header("metadata-flavor") == "Google";
  }
  return false;
}

/// The source for a credentials file of gcloud or of a service account. Throws Error(config) naming the file if it is
/// neither.
TokenSource read_google_credentials(const std::filesystem::path& path, const RemoteContext& context) {
  const CredentialsFile file(path);
  const std::string type = file.required("type");
  if (type == "service_account") return service_account(file, context);
  if (type == "authorized_user") return authorized_user(file, context);
  throw config_error(
      fmt::format("{}: credentials of type {} are not supported; use a service account's key file, `gcloud auth "
                  "application-default login`, or a token command",
                  path.string(), type));
}

/// The metadata server of a Google machine. The result has no `fetch` if this machine is none of Google's.
TokenSource find_metadata_server(const RemoteContext& context) {
  if (!on_google_machine(context)) return {};
  const std::string root = metadata_root(context) + "/computeMetadata/v1/";
  const std::string who = "this machine's service account (metadata server)";
  const auto fetch = [=] {
    return fetch_token(metadata_request(root + "instance/service-accounts/default/token"), context, who);
  };
  const HttpResponse project = context.http->send(metadata_request(root + "project/project-id"));
  return {fetch, who, project.success() ? project.body : std::string(), ""};
}

TokenSource application_default(const CredentialOptions& options, const RemoteContext& context) {
  const auto& variable = context.environment;
  std::string named = options.credentials_file;
  if (named.empty()) named = variable("GOOGLE_APPLICATION_CREDENTIALS");
  if (!named.empty()) return read_google_credentials(named, context);

  const std::string cloud = variable("CLOUDSDK_CONFIG"), home = variable("HOME");
  const std::filesystem::path folder =
      !cloud.empty() ? std::filesystem::path(cloud) : std::filesystem::path(home) / ".config" / "gcloud";
  const std::filesystem::path file = folder / "application_default_credentials.json";
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return read_google_credentials(file, context);

  TokenSource metadata = find_metadata_server(context);
  if (metadata.fetch) return metadata;
  throw config_error(
      fmt::format("no Google credentials: GOOGLE_APPLICATION_CREDENTIALS is not set, {} does not exist, and this is no "
                  "Google machine; "
                  "run `gcloud auth application-default login`, or name a service account's key file",
                  file.string()));
}

Token refusable(Secret value, const std::string& origin) {
  if (value.empty()) throw config_error(fmt::format("{}: holds no token", origin));
  return {std::move(value), 0};
}

}  // namespace

std::unique_ptr<Credentials> make_google_credentials(const CredentialOptions& options, const RemoteContext& context) {
  if (options.kind == "none") return make_no_credentials();
  TokenSource source;
  if (options.kind == "token_command" || !options.token_command.empty()) {
    if (options.token_command.empty()) throw config_error("credentials.token_command: no command given");
    source.description = "access token of a command";
    source.fetch = [command = options.token_command] { return Token{run_command(command, kCommandSeconds), 0}; };
  } else if (options.kind == "token_file" || !options.token_file.empty()) {
    if (options.token_file.empty()) throw config_error("credentials.token_file: no file given");
    source.description = fmt::format("access token in {}", options.token_file);
    source.fetch = [file = options.token_file] { return refusable(token_text(read_file(file)), file); };
  } else {
    source = application_default(options, context);
  }
  const std::string quota = context.environment("GOOGLE_CLOUD_QUOTA_PROJECT");
  if (!quota.empty()) source.quota_project = quota;
  if (!options.quota_project.empty()) source.quota_project = options.quota_project;
  return make_token_credentials(std::move(source), context.clock);
}

}  // namespace latentcrs
