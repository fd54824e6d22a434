#include "service/serve/access.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/util/error.h"
#include "base/util/text.h"

namespace latentcrs {

namespace {

/// "[::1]:80" or "name:80" without the port, in lower case, without brackets.
std::string host_of(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end == std::string_view::npos ? "" : lower_case(host.substr(1, end - 1));
  }
  return lower_case(host.substr(0, host.find(':')));
}

bool is_address(const std::string& host) {
  in6_addr room{};
  return inet_pton(AF_INET, host.c_str(), &room) == 1 || inet_pton(AF_INET6, host.c_str(), &room) == 1;
}

}  // namespace

std::string random_id() {
  std::array<unsigned char, 16> bytes{};
  if (getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
    throw internal_error("the system gives no random numbers");
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned char differences = 0;
  for (size_t i = 0; i < a.size(); ++i)
    differences =
        static_cast<unsigned char>(differences | (static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i])));
  return differences == 0;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (host.starts_with("127.") && is_address(std::string(host)));
}

std::optional<std::string> why_foreign(const ServedRequest& request, const AccessRules& rules) {
  const std::string given = request.header("host"), host = host_of(given), origin = request.header("origin");
  const bool is_named = std::find(rules.names.begin(), rules.names.end(), host) != rules.names.end();
  if (!is_named && host != "localhost" && !is_address(host))
    return "The Host header names no address of this server; if the name is right, start it with --name.";
  if (origin.empty() || lower_case(origin) == "http://" + lower_case(given) ||
      lower_case(origin) == "https://" + lower_case(given))
    return std::nullopt;
  return "The request comes from a page of another server.";
}

bool has_token(const ServedRequest& request, const AccessRules& rules) {
  if (rules.token.empty()) return true;
  const std::string given = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  return lower_case(given.substr(0, kScheme.size())) == kScheme &&
         equal_in_constant_time(trimmed(std::string_view(given).substr(kScheme.size())), rules.token);
}

}  // namespace latentcrs
