#include "language/transport/json_api.h"

#include <catch2/catch.hpp>

using namespace latentcrs;
using Catch::Matchers::Contains;

TEST_CASE("the pages of a listing are different ones, and not too many", "[json_api]") {
  ListingPages pages("http://server/jobs");
  pages.go_on("a");
  pages.go_on("b");
  CHECK_THROWS_WITH(pages.go_on("a"),
                    "http://server/jobs: the listing does not end: its next page is one that was "
                    "already read");
  CHECK_THROWS_WITH(pages.go_on(""), Contains("already read"));
  const auto read_new_ones = [&] {
    for (size_t i = 0; i < ListingPages::kMostPages; ++i) pages.go_on(std::to_string(i));
  };
  CHECK_THROWS_WITH(read_new_ones(), Contains("it has over 10000 pages"));
}
