// Checks of the services' settings, and messages that name a setting as the user writes it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/config/remote_options.h"
#include "base/util/error.h"
#include "language/llm/service.h"

namespace latentcrs {

/// Whether a message begins with the name of one of the services' settings, as in "model: required".
bool begins_with_setting(std::string_view message);

/// `text` as a JSON object. Throws Error(config) naming `key` if it is none.
nlohmann::json parameters_object(const std::string& text, std::string_view key);

/// The name of a setting as the user writes it: "embed.remote.base_url".
std::string setting_name(const std::string& section, std::string_view name);

/// Does `work`. An Error whose message begins with a setting's bare name gets the section before it.
template <class Work>
auto naming_settings(const std::string& section, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    if (!begins_with_setting(error.what())) throw;
    throw Error(error.kind(), setting_name(section, error.what()));
  }
}

/// Throw Error(config) naming the key for a required setting that is missing, or a word that is none of the choices.
/// The ranges of numbers are checked where the config is read.
void check_options(const ChatService& service);
void check_options(const EmbeddingService& service);
void check_options(const CredentialOptions& options);

}  // namespace latentcrs
