#include "language/transport/credentials.h"

#include <fmt/format.h>

#include <cstdlib>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"
#include "language/transport/token_text.h"

namespace latentcrs {

namespace {

/// Credentials whose headers never change.
class FixedCredentials : public Credentials {
 public:
  FixedCredentials(std::vector<SecretHeader> headers, std::string description)
      : headers_(std::move(headers)), description_(std::move(description)) {}

  std::vector<SecretHeader> headers() override { return headers_; }
  bool renew(const std::vector<SecretHeader>&) override { return false; }
  std::string describe() const override { return description_; }
  std::string project() const override { return {}; }

 private:
  std::vector<SecretHeader> headers_;
  std::string description_;
};

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::string {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? "" : value;
  };
}

std::unique_ptr<Credentials> make_no_credentials() {
  return std::make_unique<FixedCredentials>(std::vector<SecretHeader>{}, "no credentials");
}

std::unique_ptr<Credentials> make_api_key(const CredentialOptions& options, const ApiKeyStyle& style,
                                          const RemoteContext& context) {
  const auto made_of = [&](const std::string& text, const std::string& origin) {
    const Secret key = token_text(text);
    if (key.empty()) throw config_error(fmt::format("{} holds no API key (one word of printable ASCII)", origin));
    std::vector<SecretHeader> headers = style.extra;
    headers.push_back({style.header, Secret(style.prefix + key.reveal())});
    return std::make_unique<FixedCredentials>(std::move(headers), "API key of " + origin);
  };
  if (!options.api_key_file.empty()) return made_of(read_file(options.api_key_file), options.api_key_file);
  if (!options.api_key_env.empty()) {
    const std::string key = context.environment(options.api_key_env);
    if (key.empty())
      throw config_error(fmt::format("credentials.api_key_env={}: this variable is not set", options.api_key_env));
    return made_of(key, options.api_key_env);
  }
  for (const std::string& variable : style.variables)
    if (const std::string key = context.environment(variable); !key.empty()) return made_of(key, variable);
  if (options.kind == "api_key")
    throw config_error(fmt::format("credentials.kind=api_key: set {} or credentials.api_key_file",
                                   style.variables.empty() ? "credentials.api_key_env" : style.variables.front()));
  return nullptr;
}

}  // namespace latentcrs
