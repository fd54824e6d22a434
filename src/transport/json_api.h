// What the batch services' REST interfaces have in common.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "transport/api_client.h"
#include "util/error.h"

namespace latentcrs {

/// "<address>: HTTP 404 NOT_FOUND: …"
Error refusal(const std::string& url, const HttpResponse& response);

/// The object that a GET answers. Throws Error(remote) for anything else.
nlohmann::json get_json(ApiClient& client, const std::string& url);

/// Creates something by a POST that is sent once. Nothing where no usable answer came, so that it may or may not have
/// been created; Error(remote) if it was refused.
std::optional<nlohmann::json> create_once(ApiClient& client, const std::string& url, const nlohmann::json& body);

/// Downloads to `to` (by way of a file beside it) what a GET answers. Throws Error(remote).
void download_file(ApiClient& client, const std::string& url, const std::filesystem::path& to);

/// Whether a failed row is worth another try, by the HTTP status that stands for it.
bool is_temporary(int64_t status);

}  // namespace latentcrs
