// Addresses of services: checking them, taking them apart and showing them without secrets.
#pragma once

#include <string>
#include <string_view>

namespace latentcrs {

/// Everything but letters, digits and -._~ as %XX ("/" too).
std::string percent_encode(std::string_view text);
/// Scheme, host and path: no user, no query. For messages.
std::string display_url(std::string_view url);
/// Without a slash at the end. Throws Error(config) naming `key` unless it is http(s)://host… without user, query and
/// fragment.
std::string checked_base_url(const std::string& url, std::string_view key);
/// True for 127.0.0.0/8, [::1] and localhost.
bool is_this_machine(std::string_view url);

}  // namespace latentcrs
