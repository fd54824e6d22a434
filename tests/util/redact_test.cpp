#include "base/util/redact.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("users and passwords in addresses are struck out", "[redact]") {
  CHECK(without_users("at http://me:secret@host:3128/x, and b@c") == "at http://***@host:3128/x, and b@c");
  CHECK(without_users("'socks5://me:p@ss/word@host' https://a@b") == "'socks5://***@host' https://***@b");
  CHECK(without_users("http://host/path://") == "http://host/path://");
  CHECK(without_users("http://me:secret@") == "http://***@");
  CHECK(without_users("no address, a@b").find("a@b") != std::string::npos);
}
