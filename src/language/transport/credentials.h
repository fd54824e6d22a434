// Credentials: API keys and Google's kinds of access tokens. Their values are never printed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/config/remote_options.h"
#include "language/transport/clock.h"
#include "language/transport/http.h"

namespace latentcrs {

/// The credentials for one service. All functions are thread-safe.
class Credentials {
 public:
  virtual ~Credentials() = default;
  /// The headers that authorise a request. An access token is fetched first if there is no token or if it is about to
  /// expire. Throws Error(config) if the credentials themselves are wrong, Error(remote) if the token service cannot be
  /// used.
  virtual std::vector<SecretHeader> headers() = 0;
  /// To be called when a server answered 401 to a request with the headers `refused`. Returns true if the next
  /// headers() may differ.
  virtual bool renew(const std::vector<SecretHeader>& refused) = 0;
  /// Kind and name for messages: "service account a@b (file)", "API key of GOOGLE_API_KEY".
  virtual std::string describe() const = 0;
  /// The Google Cloud project that they belong to; empty if it is unknown.
  virtual std::string project() const = 0;
};

/// Returns the value of an environment variable; empty if it is not set.
using Environment = std::function<std::string(const std::string& name)>;
/// The environment of this process.
Environment process_environment();

/// The surroundings of a client: network, time and environment. Clients keep a copy. The clock must outlive them.
struct RemoteContext {
  std::shared_ptr<Http> http;
  Clock& clock;
  Environment environment = process_environment();
  uint64_t seed = 0;  ///< seed of the random waits between retries
  /// Addresses of the token services, which only tests replace.
  std::string google_token_url = "https://oauth2.googleapis.com/token";
  std::string metadata_url = "http://metadata.google.internal";
};

/// The way a service expects its API key: the header, and the text before the key ("Bearer ").
struct ApiKeyStyle {
  std::string header;
  std::string prefix;
  std::vector<std::string> variables;  ///< the usual environment variables; the first one that is set counts
  std::vector<SecretHeader> extra;     ///< other headers to send with the key
};

/// Credentials without any header, for services that need none.
std::unique_ptr<Credentials> make_no_credentials();
/// Credentials with the API key in options.api_key_file, options.api_key_env or style.variables. nullptr if none of
/// them holds a key and none was asked for by name; Error(config) if one was.
std::unique_ptr<Credentials> make_api_key(const CredentialOptions& options, const ApiKeyStyle& style,
                                          const RemoteContext& context);

}  // namespace latentcrs
