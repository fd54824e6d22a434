#include "base/util/json_depth.h"

#include <catch2/catch.hpp>
#include <string>

using namespace latentcrs;

TEST_CASE("Levels of lists and objects are counted, brackets inside texts are not") {
  const auto nested = [](size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK_FALSE(is_nested_too_deeply(nested(500)));
  CHECK(is_nested_too_deeply(nested(501)));
  CHECK_FALSE(is_nested_too_deeply(nested(400) + nested(400)));
  CHECK_FALSE(is_nested_too_deeply("\"" + nested(1000) + "\""));
  CHECK_FALSE(is_nested_too_deeply("\"a\\\"" + nested(1000) + "\""));
  CHECK(is_nested_too_deeply("\"a\\\\\"" + nested(501)));
  CHECK_FALSE(is_nested_too_deeply(""));
}
