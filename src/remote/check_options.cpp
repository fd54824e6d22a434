#include "check_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

void require_text(std::string_view key, const std::string& value) {
  if (value.empty()) throw config_error(fmt::format("{}: required", key));
}

}  // namespace

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

void check_options(const ChatOptions& options) {
  require_text("model", options.model);
  require_text("cache", options.cache);
  check_options(options.credentials);
}

void check_options(const RemoteEmbedOptions& options) {
  require_text("model", options.model);
  require_text("base_url", options.base_url);
  if (options.encoding != "float" && options.encoding != "base64")
    throw config_error(fmt::format("encoding={}: float or base64", options.encoding));
  check_options(options.credentials);
}

}  // namespace latentcrs
