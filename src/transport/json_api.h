// Operations that the REST interfaces of the batch services share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "transport/api_client.h"
#include "util/error.h"

namespace latentcrs {

/// An Error(remote) for a failed response: "<address>: HTTP 404 NOT_FOUND: …".
Error refusal(const std::string& url, const HttpResponse& response);

/// Returns the JSON object that a GET answers. Throws Error(remote) for any other answer.
nlohmann::json get_json(ApiClient& client, const std::string& url);

/// Creates something by a POST that is sent once. nullopt if no usable answer came, so that it may or may not have been
/// created; Error(remote) if the request was refused.
std::optional<nlohmann::json> create_once(ApiClient& client, const std::string& url, const nlohmann::json& body);

/// Downloads the answer of a GET to `to`, through a temporary file beside it. Throws Error(remote).
void download_file(ApiClient& client, const std::string& url, const std::filesystem::path& to);

/// Whether a failed row is worth another attempt, by the HTTP status that it stands for.
bool is_temporary(int64_t status);

}  // namespace latentcrs
