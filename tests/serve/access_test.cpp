// Who may ask the server.
#include "service/serve/access.h"

#include <catch2/catch.hpp>
#include <set>

using namespace latentcrs;

namespace {

ServedRequest request_with(std::map<std::string, std::string> headers) {
  return {.method = "GET", .path = "/", .query = {}, .headers = std::move(headers), .body = ""};
}

bool is_foreign(const std::string& host, const std::string& origin, const std::vector<std::string>& names = {}) {
  return why_foreign(request_with({{"host", host}, {"origin", origin}}), {.token = "", .names = names}).has_value();
}

}  // namespace

TEST_CASE("a browser reaches the server by addresses in digits, localhost and the names that it was given", "[serve]") {
  for (const char* host : {"localhost:8080", "LOCALHOST", "127.0.0.1:8080", "[::1]:8080", "192.168.1.5:80"}) {
    CAPTURE(host);
    CHECK_FALSE(is_foreign(host, ""));
  }
  for (const char* host : {"", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "[::1", "1"}) {
    CAPTURE(host);
    CHECK(is_foreign(host, ""));
  }
  CHECK_FALSE(is_foreign("films.example:8080", "", {"films.example"}));
}

TEST_CASE("a page of another server does not get through", "[serve]") {
  CHECK_FALSE(is_foreign("localhost:8080", "http://localhost:8080"));
  CHECK_FALSE(is_foreign("films.example", "https://films.example", {"films.example"}));
  CHECK(is_foreign("localhost:8080", "http://localhost:9000"));
  CHECK(is_foreign("localhost:8080", "https://evil.example"));
  CHECK(is_foreign("localhost:8080", "null"));
}

TEST_CASE("a token must be the whole one, behind Bearer", "[serve]") {
  const AccessRules rules{.token = "0123456789abcdef", .names = {}};
  const auto passes = [&rules](const std::string& header) {
    return has_token(request_with({{"authorization", header}}), rules);
  };
  CHECK(passes("Bearer 0123456789abcdef"));
  CHECK(passes("bearer  0123456789abcdef"));
  for (const char* header : {"", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdeg",
                             "Bearer 0123456789abcdef0", "Basic 0123456789abcdef", "0123456789abcdef"}) {
    CAPTURE(header);
    CHECK_FALSE(passes(header));
  }
  CHECK(has_token(request_with({}), {}));
}

TEST_CASE("random ids are 32 digits and differ", "[serve]") {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(random_id());
  CHECK(ids.size() == 100);
  CHECK_THAT(*ids.begin(), Catch::Matches("[0-9a-f]{32}"));
}
