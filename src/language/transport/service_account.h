// The signed request by which a Google service account asks for an access token.
#pragma once

#include <string>

#include "language/transport/secret.h"

namespace latentcrs {

struct ServiceAccountKey {
  std::string client_email;
  Secret private_key;  ///< PKCS#8 PEM
  std::string private_key_id;
};
/// The signed assertion of RFC 7523: RS256, valid for an hour from `now` (seconds since 1970). Throws Error(config) for
/// a key that is none.
Secret service_account_assertion(const ServiceAccountKey& key, double now);

}  // namespace latentcrs
