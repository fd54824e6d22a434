// Checking the settings of the services.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "latentcrs/config/remote_options.h"

namespace latentcrs {

/// `text` as a JSON object. Throws Error(config) naming `key` if it is none.
nlohmann::json parameters_object(const std::string& text, std::string_view key);

/// Throws Error(config) naming the key for anything required and missing, or out of its range.
void check_options(const ChatOptions& options);
void check_options(const BatchOptions& options);
void check_options(const RemoteEmbedOptions& options);
void check_options(const CredentialOptions& options);
void check_options(const HttpOptions& options);
void check_options(const RetryOptions& options);

}  // namespace latentcrs
