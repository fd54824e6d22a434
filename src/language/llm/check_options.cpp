#include "language/llm/check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "language/llm/providers.h"

namespace latentcrs {

namespace {

template <class Options>
void require_settings(const std::vector<RequiredSetting<Options>>& required, const Options& options) {
  for (const auto& [name, value] : required)
    if ((options.*value).empty()) throw config_error(fmt::format("{}: required", name));
}

}  // namespace

bool begins_with_setting(std::string_view message) {
  constexpr std::array<std::string_view, 12> names = {"model",   "cache",    "base_url",    "parameters",
                                                      "project", "location", "credentials", "max_cost",
                                                      "price",   "encoding", "prompt",      "bos_marker"};
  const std::string_view name = message.substr(0, message.find_first_of(":=. "));
  return name.size() < message.size() && message[name.size()] != ' ' &&
         std::find(names.begin(), names.end(), name) != names.end();
}

std::string setting_name(const std::string& section, std::string_view name) {
  return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

nlohmann::json parameters_object(const std::string& text, std::string_view key) {
  nlohmann::json object = nlohmann::json::parse(text.empty() ? "{}" : text, nullptr, false);
  if (!object.is_object()) throw config_error(fmt::format("{}={}: not a JSON object", key, text));
  return object;
}

void check_options(const CredentialOptions& options) {
  constexpr std::array<std::string_view, 6> kinds = {"auto",          "api_key",    "google",
                                                     "token_command", "token_file", "none"};
  if (std::find(kinds.begin(), kinds.end(), options.kind) == kinds.end())
    throw config_error(fmt::format("credentials.kind={}: one of {}", options.kind, fmt::join(kinds, ", ")));
}

void check_options(const ChatService& service) {
  require_settings(chat_provider(service.provider).required, service.options);
  if (service.shared.cache.empty()) throw config_error("cache: required");
  check_options(service.options.credentials);
}

void check_options(const EmbeddingService& service) {
  const RemoteEmbedOptions& options = service.options;
  require_settings(embedding_provider(service.provider).required, options);
  if (options.encoding != "float" && options.encoding != "base64")
    throw config_error(fmt::format("encoding={}: float or base64", options.encoding));
  check_options(options.credentials);
}

}  // namespace latentcrs
