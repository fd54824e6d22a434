#include "language/text/title_list.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

using Titles = std::vector<std::string>;

bool is_title(std::string_view text) {
  static const Titles titles = {"Heat",
                                "Heat (1995)",
                                "Big",
                                "Casino",
                                "Alien",
                                "The Matrix",
                                "Airplane!",
                                "Dr. Strangelove",
                                "Crouching Tiger, Hidden Dragon",
                                "The Good, the Bad and the Ugly",
                                "Dumb and Dumber"};
  return std::find(titles.begin(), titles.end(), text) != titles.end();
}

Titles read(std::string_view reply) { return read_title_list(reply, 9, is_title); }

}  // namespace

TEST_CASE("titles are read out of what models make of a request for JSON", "[title_list]") {
  const Titles expected = {"Heat (1995)", "Big"};
  CHECK(read(R"x(["Heat (1995)", "Big"])x") == expected);
  CHECK(read("Here you are:\n```json\n[\"Heat (1995)\",\n \"Big\"]\n```") == expected);
  CHECK(read(R"x({"titles": ["Heat (1995)", "Big", "Heat (1995)"]})x") == expected);
  CHECK(read(R"x([{"title": "Heat (1995)", "why": "x"}, {"title": "Big"}])x") == expected);
  CHECK(read(R"x([{"rank": 1, "movie": "Heat", "year": 1995}, {"film": "Big"}])x") == expected);
  CHECK(read(R"x(My [short] list: ["Heat (1995)", "Big"])x") == expected);
  CHECK(read(R"x(["1. Heat"])x").size() == 1);
  CHECK(read(R"x(["Heat (1995) - a heist", "Big"])x") == expected);
  CHECK(read_title_list(R"x(["a", "b", "c"])x", 2) == Titles{"a", "b"});
  CHECK(read("").empty());
  CHECK(read("```\n```").empty());
}

TEST_CASE("lists with numbers and bullets, and with reasons", "[title_list]") {
  const Titles expected = {"Heat (1995)", "Big"};
  CHECK(read("Of course!\n\n1. **Heat (1995)**\n2) \"Big\"\n\nEnjoy!") == expected);
  CHECK(read("- Heat (1995)\n* *Big*\n") == expected);
  CHECK(read("Heat (1995)\r\nBig\r\n") == expected);
  CHECK(read("1984\n12 Monkeys") == Titles{"1984", "12 Monkeys"});
  CHECK(read("**1.** Heat (1995)\n**2.** Big") == expected);
  CHECK(read("1. **Heat** (1995) - two men, one city\n2. **Big:** a boy wakes up grown") == expected);
  CHECK(read("1. Heat (1995): a heist and its price.\n2. Big \u2013 a boy wakes up as a man") == expected);
  CHECK(read("1. Heat (1995) - Directed by Michael Mann\n2. Big - Directed by Penny Marshall") == expected);
  CHECK(read("1. **Heat (1995)**\n   - A heist that goes wrong.\n   - With Al Pacino.\n2. **Big**\n   - A comedy.") ==
        expected);
  CHECK(read("- **Heat (1995)**\n  - A heist.\n- **Big**\n  - A comedy.") == expected);
  CHECK(read("- Crime:\n  - Heat (1995)\n- Comedy:\n  - Big") == expected);
  CHECK(read("1. **Title:** Heat (1995)\n2. Movie: Big") == expected);
  CHECK(read("Sure! Here are two movies you might like:\nHeat (1995)\nBig\nI hope you enjoy them!") == expected);
  CHECK(read("1. [Heat](https://example.org) (1995)\n2. 'Big'") == expected);
  // A subtitle is not a reason.
  CHECK(
      read("1. Mission: Impossible - Fallout\n2. Star Wars: Episode V - The Empire Strikes Back - a classic sequel") ==
      Titles{"Mission: Impossible - Fallout", "Star Wars: Episode V - The Empire Strikes Back"});
  CHECK(read("- 'Round Midnight\n- Airplane!") == Titles{"'Round Midnight", "Airplane!"});
}

TEST_CASE("titles in a table", "[title_list]") {
  const Titles expected = {"Heat (1995)", "Big"};
  CHECK(read("| # | Title | Why |\n|---|:-----|---|\n| 1 | **Heat** (1995) | tense |\n| 2 | Big | fun |") == expected);
  CHECK(read("Movie | Year\n").size() == 1);  // a line that is no table
  CHECK(read("Here:\n\n| Movie | Year |\n|---|---|\n| Heat | 1995 |\n| Big | n/a |\n") == expected);
  CHECK(read("| | |\n|-|-|\n| 1 | Heat (1995) |\n| 2 | Big |") == expected);
}

TEST_CASE("titles on one line", "[title_list]") {
  const Titles four = {"The Matrix", "Heat", "Casino", "Alien"};
  CHECK(read("Here are some: The Matrix, Heat, Casino, and Alien.") == four);
  CHECK(read("The Matrix, Heat, Casino, Alien") == four);
  CHECK(read("The Matrix; Heat; Casino; Alien") == four);
  CHECK(read("I would recommend The Matrix, Heat, Casino and Alien.") == four);
  CHECK(read("1. The Matrix 2. Heat 3. Casino 4. Alien") == four);
  CHECK(read("You could try \"The Matrix\", \"Heat\", \"Casino,\" or \"Alien.\"") == four);
  CHECK(read("I suggest **The Matrix**, **Heat**, **Casino** and **Alien** for tonight.") == four);
  CHECK(read("I suggest *The Matrix* (1999) and *Heat*.") == Titles{"The Matrix (1999)", "Heat"});
  CHECK(
      read("Here are some: The Good, the Bad and the Ugly, Dumb and Dumber, Crouching Tiger, Hidden Dragon and Heat") ==
      Titles{"The Good, the Bad and the Ugly", "Dumb and Dumber", "Crouching Tiger, Hidden Dragon", "Heat"});
  CHECK(read("Dr. Strangelove") == Titles{"Dr. Strangelove"});
  CHECK(read("The Good, the Bad and the Ugly") == Titles{"The Good, the Bad and the Ugly"});
  // A title that the catalogue does not have is still a title.
  CHECK(read("My picks: Some Film, Heat, Another Film") == Titles{"Some Film", "Heat", "Another Film"});
}
