#include "language/transport/encoding.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "base/util/error.h"
#include "language/transport/secret.h"
#include "language/transport/url.h"

using namespace latentcrs;
using Catch::Matchers::Contains;

TEST_CASE("base64 as in RFC 4648", "[encoding]") {
  const std::pair<std::string, std::string> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(base64_encode(bytes) == text);
    CHECK(base64_decode(text) == bytes);
  }
  CHECK(base64_encode("\xff\xef\xfe") == "/+/+");
  CHECK(base64url_encode("\xff\xef\xfe") == "_-_-");
  CHECK(base64url_encode("f") == "Zg");
  CHECK(base64_decode("Zg") == "f");
  CHECK_FALSE(base64_decode("Z"));
  CHECK_FALSE(base64_decode("Zm9v!"));
  CHECK_FALSE(base64_decode("_-_-"));
}

TEST_CASE("a secret shows itself only when asked by name", "[secret]") {
  const Secret secret("hunter2");
  std::ostringstream out;
  out << secret;
  CHECK(out.str() == "***");
  CHECK(fmt::format("{} and {:>5}", secret, secret) == "*** and   ***");
  CHECK(secret.reveal() == "hunter2");
}

TEST_CASE("URLs for requests and for messages", "[url]") {
  CHECK(percent_encode("run 1/in:x~.jsonl") == "run%201%2Fin%3Ax~.jsonl");
  CHECK(percent_encode("é") == "%C3%A9");
  CHECK(display_url("https://host:8/a/b?key=123#x") == "https://host:8/a/b");
  CHECK(display_url("https://me:secret@host/a?k=1") == "https://***@host/a");
  CHECK(display_url("//me:secret@host/a?k=1") == "//***@host/a");
  CHECK(display_url("/login?next=https://me:secret@host/a") == "/login");
  CHECK(display_url("login?next=://me:secret@host") == "login");
  CHECK(display_url("/a//me@host") == "/a//me@host");
  CHECK(checked_base_url("http://host:1/v1//", "base_url") == "http://host:1/v1");
  CHECK_THROWS_WITH(checked_base_url("https://me:secret@host", "base_url"),
                    Contains("***@host") && !Contains("me:secret"));
  for (const char* bad : {"", "host", "ftp://host", "http://", "http://host/?x=1", "http://ho st"})
    CHECK_THROWS_WITH(checked_base_url(bad, "base_url"), Contains("base_url="));
  CHECK(is_this_machine("http://127.0.0.1:80/x"));
  CHECK(is_this_machine("http://localhost"));
  CHECK(is_this_machine("http://[::1]:9/"));
  CHECK_FALSE(is_this_machine("http://localhost.example.org/"));
  CHECK_FALSE(is_this_machine("http://user@example.org:127.0.0.1/"));
}
