#include "language/text/cut_list.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "language/text/title_list.h"

using namespace latentcrs;

namespace {

using Titles = std::vector<std::string>;

Titles read(std::string_view cut) { return read_title_list(whole_entries(cut), 20); }

}  // namespace

TEST_CASE("of a cut JSON array the whole titles are left", "[cut_list]") {
  CHECK(read(R"x(["Heat (1995)", "Big", "Cas)x") == Titles{"Heat (1995)", "Big"});
  CHECK(read(R"x(["Heat (1995)", "Big",)x") == Titles{"Heat (1995)", "Big"});
  CHECK(read(R"x(["Heat (1995)", "Big")x") == Titles{"Heat (1995)", "Big"});
  CHECK(read("```json\n[\n  \"Say \\\"Big\\\"\",\n  \"Casi") == Titles{"Say \"Big\""});
  CHECK(read(R"x({"titles": ["Heat", "B)x") == Titles{"Heat"});
  CHECK(read(R"x([{"title": "Heat", "why": ["x", "y"]}, {"title": "Big", "why": ["x)x") == Titles{"Heat"});
  CHECK(read(R"x(["Heat \)x").empty());
  CHECK(read("[").empty());
  CHECK(read(R"x(["Heat", "Big"] These are)x") == Titles{"Heat", "Big"});
}

TEST_CASE("of cut lines the last one goes, of titles on one line the last one", "[cut_list]") {
  CHECK(read("Here:\n1. Heat\n2. Big\n3. Cas") == Titles{"Heat", "Big"});
  CHECK(read("1. Heat\n2. Big\n") == Titles{"Heat", "Big"});
  CHECK(read("1. Heat 2. Big 3. Cas") == Titles{"Heat", "Big"});
  CHECK(read("Heat, Big, Alien, Casino, The Ma") == Titles{"Heat", "Big", "Alien", "Casino"});
  CHECK(read("Heat").empty());
  CHECK(read("").empty());
  CHECK(read("- [Heat](https://example.org)\n- [Bi") == Titles{"Heat"});
}

TEST_CASE("a list cut at any byte gives its beginning", "[cut_list]") {
  const std::string whole = R"x(["Heat (1995)", "Say \"Big\"", "A, B and C", "Alien"])x";
  const Titles all = read_title_list(whole, 20);
  REQUIRE(all.size() == 4);
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    const Titles left = read(whole.substr(0, bytes));
    CAPTURE(bytes);
    CHECK(left.size() <= all.size());
    CHECK(std::equal(left.begin(), left.end(), all.begin()));
  }
  CHECK(read(whole.substr(0, whole.size() - 1)) == all);
}
