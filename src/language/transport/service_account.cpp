#include "language/transport/service_account.h"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "language/transport/encoding.h"

namespace latentcrs {

namespace {

template <auto free_function>
struct OpenSslDeleter {
  template <class T>
  void operator()(T* object) const {
    free_function(object);
  }
};
using Bio = std::unique_ptr<BIO, OpenSslDeleter<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, OpenSslDeleter<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, OpenSslDeleter<EVP_MD_CTX_free>>;

Key read_key(const ServiceAccountKey& account) {
  const std::string& pem = account.private_key.reveal();
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const auto no_password = [](char*, int, int, void*) { return 0; };
  Key key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr) : nullptr);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA)
    throw config_error(fmt::format("service account {}: private_key is no RSA key in PEM form", account.client_email));
  return key;
}

/// Signs with RSASSA-PKCS1-v1_5 and SHA-256.
std::string sign(EVP_PKEY* key, const std::string& text) {
  const Digest digest(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t size = 0;
  std::string signature;
  const bool signed_well =
      digest && EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) == 1 &&
      (signature.resize(size), EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                              bytes, text.size()) == 1);
  if (!signed_well) throw internal_error("OpenSSL cannot sign with SHA-256");
  signature.resize(size);
  return signature;
}

}  // namespace

Secret service_account_assertion(const ServiceAccountKey& account, double now) {
  constexpr int64_t lifetime = 3600;
  constexpr int64_t skew = 10;  // seconds that our clock may be ahead of Google's
  const int64_t issued = static_cast<int64_t>(now) - skew;
  nlohmann::json header = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.private_key_id.empty()) header["kid"] = account.private_key_id;
  const nlohmann::json claims = {{"iss", account.client_email},
                                 {"scope", "https://www.googleapis.com/auth/cloud-platform"},
                                 {"aud", "https://oauth2.googleapis.com/token"},
                                 {"iat", issued},
                                 {"exp", issued + lifetime}};
  const std::string text = base64url_encode(header.dump()) + "." + base64url_encode(claims.dump());
  return Secret(text + "." + base64url_encode(sign(read_key(account).get(), text)));
}

}  // namespace latentcrs
