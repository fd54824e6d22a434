#include "language/transport/url.h"

#include <fmt/format.h>

#include "base/util/error.h"

namespace latentcrs {

namespace {

constexpr size_t kNowhere = std::string_view::npos;

/// Where the host of a URL begins, or its user: after "//" at the beginning or behind the scheme. kNowhere if it has
/// none, as a path with another URL in its query.
size_t authority_begin(std::string_view url) {
  const size_t slashes = url.find_first_of("/?#");
  if (slashes == kNowhere || !url.substr(slashes).starts_with("//")) return kNowhere;
  return slashes == 0 || url[slashes - 1] == ':' ? slashes + 2 : kNowhere;
}

/// The host and port of a URL, with user and password before an @ if it has them.
std::string_view authority(std::string_view url) {
  const size_t begin = authority_begin(url);
  if (begin == kNowhere) return {};
  url.remove_prefix(begin);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string_view host(std::string_view url) {
  std::string_view name = authority(url);
  if (const size_t user = name.rfind('@'); user != kNowhere) name.remove_prefix(user + 1);
  if (name.starts_with('[')) return name.substr(0, name.find(']') + 1);
  return name.substr(0, name.find(':'));
}

}  // namespace

std::string percent_encode(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : text) {
    if (plain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string display_url(std::string_view url) {
  const std::string_view whole = url.substr(0, url.find_first_of("?#"));
  const size_t user = authority(whole).rfind('@');
  if (user == kNowhere) return std::string(whole);
  const size_t begin = authority_begin(whole);
  return fmt::format("{}***{}", whole.substr(0, begin), whole.substr(begin + user));
}

std::string checked_base_url(const std::string& url, std::string_view key) {
  std::string base = url;
  while (base.ends_with('/')) base.pop_back();
  const bool scheme = base.starts_with("http://") || base.starts_with("https://");
  if (authority(base).find('@') != std::string_view::npos)
    throw config_error(fmt::format("{}={}: a URL must not hold a user or password; keys come from the environment", key,
                                   display_url(base)));
  if (!scheme || host(base).empty() || base.find_first_of("?# \t") != std::string::npos)
    throw config_error(
        fmt::format("{}={}: not a base URL; expected http(s)://host[:port][/path]", key, display_url(base)));
  return base;
}

bool is_this_machine(std::string_view url) {
  const std::string_view name = host(url);
  return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

}  // namespace latentcrs
