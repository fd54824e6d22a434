// Who may ask: tokens, and the names under which a browser may reach the server.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/serve/http_message.h"

namespace latentcrs {

struct AccessRules {
  std::string token = {};               ///< empty: none is needed
  std::vector<std::string> names = {};  ///< further names for the Host header, in lower case, without port
};

/// 32 hexadecimal digits from the system's source of random numbers.
std::string random_id();

/// Whether texts are equal; takes the same time wherever they differ.
bool equal_in_constant_time(std::string_view a, std::string_view b);

/// Whether a host is this machine alone: localhost, 127.…, ::1.
bool is_loopback(std::string_view host);

/// A page of another site can send requests here by a name of its own that it has pointed at this machine (DNS
/// rebinding), or by a form. Returns the refusal unless the Host header is an address in digits, localhost or one of
/// `names`, and Origin, where there is one, is this server.
std::optional<std::string> why_foreign(const ServedRequest& request, const AccessRules& rules);

/// Whether the header Authorization has the token, or none is needed.
bool has_token(const ServedRequest& request, const AccessRules& rules);

}  // namespace latentcrs
