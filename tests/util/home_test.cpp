#include "base/util/home.h"

#include <catch2/catch.hpp>
#include <cstdlib>

using namespace latentcrs;

TEST_CASE("~ at the start of a path is the home folder, as in a shell", "[home]") {
  const char* const before = std::getenv("HOME");
  const std::string kept = before == nullptr ? "" : before;
  setenv("HOME", "/home/of/somebody", 1);
  CHECK(expand_home("~") == "/home/of/somebody");
  CHECK(expand_home("~/") == "/home/of/somebody/");
  CHECK(expand_home("~/a b/~c") == "/home/of/somebody/a b/~c");
  for (const char* path : {"", "a", "a/~", "./~", "/~/b", "a~"}) CHECK(expand_home(path) == path);
  for (const char* path : {"~root", "~root/x", "~+", "~-/x", "~~"}) CHECK_FALSE(expand_home(path));
  unsetenv("HOME");
  const auto listed = expand_home("~/x");  // of the list of users, where this one is in it
  if (listed) CHECK(listed->starts_with('/'));
  if (before != nullptr) setenv("HOME", kept.c_str(), 1);
}
