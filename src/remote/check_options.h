// Checking the settings of the services.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "latentcrs/config/remote_options.h"

namespace latentcrs {

/// `text` as a JSON object. Throws Error(config) naming `key` if it is none.
nlohmann::json parameters_object(const std::string& text, std::string_view key);

/// Throws Error(config) naming the key for anything required and missing, or a word that means nothing. The ranges of
/// numbers are checked where the config is read.
void check_options(const ChatOptions& options);
void check_options(const RemoteEmbedOptions& options);
void check_options(const CredentialOptions& options);

}  // namespace latentcrs
