// Access tokens: where one comes from, and keeping it while it is good.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "transport/credentials.h"

namespace latentcrs {

struct Token {
  Secret value;
  double lifetime = 0;  ///< seconds from now; 0: not known, good until refused
};

/// A kind of credentials, as one function that fetches a token and the words to speak of it.
struct TokenSource {
  std::function<Token()> fetch;
  std::string description;
  std::string project;        ///< may be empty
  std::string quota_project;  ///< sent as x-goog-user-project if not empty
};

/// Bearer tokens of `source`, fetched by one thread at a time, anew 225 s before the last one expires (Google's own
/// clients do so) or when a server refused it.
std::unique_ptr<Credentials> make_token_credentials(TokenSource source, Clock& clock);

/// Sends `request` to a token service, up to three times, and reads {"access_token", "expires_in"}. Throws
/// Error(remote), or Error(config) where the service says that the credentials are wrong; the message begins with
/// `who`.
Token fetch_token(const HttpRequest& request, const RemoteContext& context, const std::string& who);

/// The source for a credentials file of gcloud or of a service account. Throws Error(config) naming the file if it is
/// neither.
TokenSource read_google_credentials(const std::filesystem::path& path, const RemoteContext& context);

/// The metadata server of a Google machine; one without a `fetch` if this is no such machine.
TokenSource find_metadata_server(const RemoteContext& context);

}  // namespace latentcrs
