// Access tokens: fetching them, and keeping them while they are valid.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "language/transport/credentials.h"

namespace latentcrs {

struct Token {
  Secret value;
  double lifetime = 0;  ///< seconds from now; 0 if unknown, in which case it is used until it is refused
};

/// A source of access tokens: the function that fetches one, and its name in messages.
struct TokenSource {
  std::function<Token()> fetch;
  std::string description;
  std::string project;        ///< may be empty
  std::string quota_project;  ///< sent as x-goog-user-project if not empty
};

/// Credentials with the bearer tokens of `source`. They are fetched by one thread at a time: the first one when it is
/// needed, the next 225 s before the last one expires (as Google's own clients do) or when a server has refused it.
std::unique_ptr<Credentials> make_token_credentials(TokenSource source, Clock& clock);

/// Sends `request` to a token service, up to three times, and reads {"access_token", "expires_in"}. Throws
/// Error(remote), or Error(config) if the service says that the credentials are wrong; the message begins with `who`.
Token fetch_token(const HttpRequest& request, const RemoteContext& context, const std::string& who);

}  // namespace latentcrs
