// Certificates made on the spot.
#pragma once

#include <filesystem>
#include <string>

#include "services/fake_server.h"

namespace latentcrs::test {

/// A self-signed certificate for `host`, with its key, as files in `folder`; a client that trusts the certificate file
/// trusts the server.
Certificate make_certificate(const std::filesystem::path& folder, const std::string& host);

/// A new RSA key, PKCS#8 PEM, and the same key's public half.
struct RsaKey {
  std::string private_pem;
  std::string public_pem;
};
RsaKey make_rsa_key();

/// Whether `signature` is the key's RS256 signature of `text`.
bool verifies(const RsaKey& key, const std::string& text, const std::string& signature);

}  // namespace latentcrs::test
