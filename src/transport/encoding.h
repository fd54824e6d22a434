// Base64, as JWT, embeddings and checksums want it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latentcrs {

std::string base64_encode(std::string_view bytes);
/// With - and _ in place of + and /, unpadded: the segments of a JWT.
std::string base64url_encode(std::string_view bytes);
/// The standard alphabet, padded or not. Nothing for anything else.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace latentcrs
