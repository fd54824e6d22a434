#include "language/transport/json_fields.h"

#include <catch2/catch.hpp>
#include <cstdint>

using namespace latentcrs;

TEST_CASE("An integer is read from a number or a text, and is 0 where 64 bits cannot hold it") {
  const auto read = [](const char* value) {
    return count(nlohmann::json::parse(std::string("{\"n\": ") + value + "}"), "n");
  };
  CHECK(read("429") == 429);
  CHECK(read("\"429\"") == 429);
  CHECK(read("2.5") == 2);
  CHECK(read("-9223372036854775808") == INT64_MIN);
  CHECK(read("1e300") == 0);
  CHECK(read("-1e19") == 0);
  CHECK(read("null") == 0);
}
