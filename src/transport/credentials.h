// Who we are to a service: API keys and Google's kinds of tokens. No value of theirs is ever printed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/remote_options.h"
#include "transport/clock.h"
#include "transport/http.h"

namespace latentcrs {

/// Thread-safe.
class Credentials {
 public:
  virtual ~Credentials() = default;
  /// What authorises a request; a token is fetched first if there is none or it is about to expire. Throws
  /// Error(config) where the credentials themselves are wrong, Error(remote) where the token service cannot be used.
  virtual std::vector<SecretHeader> headers() = 0;
  /// A server answered 401 to `refused`: true if the next headers() may differ.
  virtual bool renew(const std::vector<SecretHeader>& refused) = 0;
  /// Kind and names for messages: "service account a@b (file)", "API key of GOOGLE_API_KEY".
  virtual std::string describe() const = 0;
  /// The Google Cloud project they belong to; empty if they do not say.
  virtual std::string project() const = 0;
};

/// A variable's value; empty if it is not set.
using Environment = std::function<std::string(const std::string& name)>;
Environment process_environment();

/// What services are made with; they keep a copy. The clock must outlive them.
struct RemoteContext {
  std::shared_ptr<Http> http;
  Clock& clock;
  Environment environment = process_environment();
  uint64_t seed = 0;  ///< of the retry jitter
  /// Where tokens are had; replaced in tests only.
  std::string google_token_url = "https://oauth2.googleapis.com/token";
  std::string metadata_url = "http://metadata.google.internal";
};

/// How a service wants its key: the header, and the text before the key ("Bearer ").
struct ApiKeyStyle {
  std::string header;
  std::string prefix;
  std::vector<std::string> variables;  ///< the usual ones, first wins
  std::vector<SecretHeader> extra;     ///< sent with the key
};

std::unique_ptr<Credentials> make_no_credentials();
/// From options.api_key_file, options.api_key_env or style.variables. nullptr if none of them has one and none was
/// asked for by name; Error(config) if one was.
std::unique_ptr<Credentials> make_api_key(const CredentialOptions& options, const ApiKeyStyle& style,
                                          const RemoteContext& context);
/// Access tokens for Google Cloud: a token command or file where options.kind says so, else the application default
/// credentials in Google's order: file named by option or variable, gcloud's file, metadata server. Throws
/// Error(config) if there are none, or if a file is of a kind not supported, naming it.
std::unique_ptr<Credentials> make_google_credentials(const CredentialOptions& options, const RemoteContext& context);

struct ServiceAccountKey {
  std::string client_email;
  Secret private_key;  ///< PKCS#8 PEM
  std::string private_key_id;
};
/// The signed assertion of RFC 7523: RS256, valid for an hour from `now` (seconds since 1970). Throws Error(config) for
/// a key that is none.
Secret service_account_assertion(const ServiceAccountKey& key, double now);

}  // namespace latentcrs
