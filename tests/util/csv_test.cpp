#include "base/util/csv.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

TEST_CASE("cells with commas, quotes and line ends are quoted", "[csv]") {
  CHECK(csv_line({"plain", "a,b", "say \"x\"", "two\nlines", ""}) ==
        "plain,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\n");
}
