// Base64 for JSON Web Tokens, embeddings and checksums.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latentcrs {

/// Base64 in the standard alphabet (RFC 4648), padded.
std::string base64_encode(std::string_view bytes);
/// Base64 with - and _ in place of + and /, without padding, as in the segments of a JSON Web Token.
std::string base64url_encode(std::string_view bytes);
/// Decodes the standard alphabet, with or without padding; nullopt for any other text.
std::optional<std::string> base64_decode(std::string_view text);
/// A CRC-32C as Cloud Storage's object metadata has it: base64 of its four bytes, the most significant first, so
/// "AAAAAA==" for 0.
std::string crc32c_text(uint32_t crc);

}  // namespace latentcrs
