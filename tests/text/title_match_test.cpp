#include "latentcrs/text/title_match.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

Item item(int64_t id, const std::string& title, int year) {
  return {.id = id, .title = title, .name = title, .year = year, .facets = {}, .description = ""};
}

const ItemCatalogue kMovies({item(1, "Postman, The (Postino, Il) (1994)", 1994), item(2, "Postman, The (1997)", 1997),
                             item(3, "Star Wars: Episode V - The Empire Strikes Back (1980)", 1980),
                             item(4, "Star Wars: Episode IV - A New Hope (1977)", 1977), item(5, "Heat (1995)", 1995),
                             item(6, "Scream 2 (1997)", 1997), item(7, "Am\u00e9lie (2001)", 2001),
                             item(8, "Rugrats Movie, The (1998)", 1998), item(9, "Greatest Hits", 0),
                             item(10, "Terminator 2: Judgment Day (1991)", 1991)});

}  // namespace

TEST_CASE("a title finds its item however it is written", "[title_match]") {
  const TitleIndex index(kMovies, 0.85);
  CHECK(index.find("Heat") == 5);
  CHECK(index.find("heat (1995)") == 5);
  CHECK(index.find("Heat (1996)") == 5);  // release dates differ by country
  CHECK(index.find("Heat (1986)") == std::nullopt);
  CHECK(index.find("The Postman (1997)") == 2);
  CHECK(index.find("The Postman (1994)") == 1);
  CHECK(index.find("The Postman") == 2);  // the newest
  CHECK(index.find("Il Postino") == 1);
  CHECK(index.find("Amelie") == 7);
  CHECK(index.find("The Empire Strikes Back") == std::nullopt);
  CHECK(index.find("Star Wars: Episode V - The Empire Strikes Back") == 3);
  CHECK(index.find("Greatest Hits (1999)") == 9);  // its year is not known
  CHECK(index.find("No Such Film (2001)") == std::nullopt);
  CHECK(index.find("") == std::nullopt);
  CHECK(index.find("(1995)") == std::nullopt);
}

TEST_CASE("a misspelled title finds its item, another number does not", "[title_match]") {
  const TitleIndex index(kMovies, 0.85);
  CHECK(index.find("Terminator 2: Judgement Day") == 10);
  CHECK(index.find("Terminator 3: Judgment Day") == std::nullopt);
  CHECK(index.find("The Rugratts Movie") == 8);
  CHECK(index.find("Heaf") == std::nullopt);  // too short to guess
  CHECK(index.find("Scream 3") == std::nullopt);
  CHECK(TitleIndex(kMovies, 1).find("The Rugratts Movie") == std::nullopt);
}
