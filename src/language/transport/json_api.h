// Operations that the REST interfaces of the batch services share.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/util/error.h"
#include "language/transport/api_client.h"

namespace latentcrs {

/// An Error(remote) for a failed response: "<address>: HTTP 404 NOT_FOUND: …".
Error refusal(const std::string& url, const HttpResponse& response);

/// Returns the JSON object that a GET answers. Throws Error(remote) for any other answer.
nlohmann::json get_json(ApiClient& client, const std::string& url);

/// The way through a listing that comes in pages. It ends where a server names pages without end.
class ListingPages {
 public:
  /// `listing`: its address or place, for the message.
  explicit ListingPages(std::string listing) : listing_(std::move(listing)) {}
  /// Takes note of the token that asks for the next page. Throws Error(remote) if it is empty, was named before or
  /// comes after kMostPages others.
  void go_on(const std::string& token);

  static constexpr size_t kMostPages = 10'000;

 private:
  std::string listing_;
  std::set<std::string> tokens_;
};

/// Creates something by a POST that is sent once. nullopt if no usable answer came, so that it may or may not have been
/// created; Error(remote) if the request was refused.
std::optional<nlohmann::json> create_once(ApiClient& client, const std::string& url, const nlohmann::json& body);

/// Downloads the answer of a GET to `to`, through a temporary file beside it. Throws Error(remote).
void download_file(ApiClient& client, const std::string& url, const std::filesystem::path& to);

/// Whether a failed row is worth another attempt, by the HTTP status that it stands for.
bool is_temporary(int64_t status);

}  // namespace latentcrs
