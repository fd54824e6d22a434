// Certificates and keys made for a test.
#pragma once

#include <filesystem>
#include <string>

#include "services/fake_server.h"

namespace latentcrs::test {

/// Writes a self-signed certificate for `host` and its key to files in `folder`. A client that trusts the certificate's
/// file trusts the server.
Certificate make_certificate(const std::filesystem::path& folder, const std::string& host);

/// A new RSA key as PKCS#8 PEM, and its public half.
struct RsaKey {
  std::string private_pem;
  std::string public_pem;
};
RsaKey make_rsa_key();

/// Whether `signature` is the key's RS256 signature of `text`.
bool verifies(const RsaKey& key, const std::string& text, const std::string& signature);

}  // namespace latentcrs::test
