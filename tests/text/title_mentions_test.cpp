#include "language/text/title_mentions.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace latentcrs;

namespace {

Item film(int64_t id, const std::string& title, int year) {
  return {.id = id, .title = title, .name = title, .year = year, .facets = {}, .description = ""};
}

const ItemCatalogue kFilms({film(1, "Toy Story (1995)", 1995), film(2, "Heat (1995)", 1995),
                            film(3, "Silence of the Lambs, The (1991)", 1991), film(4, "Casablanca (1942)", 1942),
                            film(5, "Toy Story 2 (1999)", 1999), film(6, "Big (1988)", 1988),
                            film(7, "Raiders of the Lost Ark (1981)", 1981)});

std::vector<int64_t> named(const std::string& text) {
  std::vector<int64_t> items;
  for (const TitleMention& mention : TitleFinder(kFilms, 0.95).find(text)) items.push_back(mention.item);
  return items;
}

using Ids = std::vector<int64_t>;

}  // namespace

TEST_CASE("titles before a year are found in their order, the longest first", "[title_mentions]") {
  CHECK(named("I loved Toy Story 2 (1999) and Heat (1995), not Big (1988)") == Ids{5, 2, 6});
  CHECK(named("Have you seen raiders of the lost ark (1981) ?") == Ids{7});
  CHECK(named("Raiders of the Losst Ark (1981)") == Ids{7});  // misspelled
  CHECK(named("Heat (1986)") == Ids{});                       // another film
}

TEST_CASE("a title with another year is another film, which the catalogue may lack", "[title_mentions]") {
  CHECK(named("I saw Casablanca (2011) and the new Toy Story  (2024), and \"Heat\"") == Ids{2});
  CHECK(named("I saw Casablanca (1943)") == Ids{4});  // a year off
  CHECK(named("I saw Casablanca (in 2011)") == Ids{4});
  CHECK(named("I saw Toy Story and more (2024)") == Ids{1});
}

TEST_CASE("titles without a year must stand out", "[title_mentions]") {
  CHECK(named("my favourite is raiders of the lost ark") == Ids{7});
  CHECK(named("the silence of the lambs") == Ids{});  // two words of content
  CHECK(named("The Silence of the Lambs") == Ids{3});
  CHECK(named("We watched Toy Story yesterday") == Ids{1});
  CHECK(named("it was a toy story for kids") == Ids{});
  CHECK(named("I like Casablanca a lot") == Ids{4});
  CHECK(named("Casablanca Records made it") == Ids{});  // a longer name
  CHECK(named("Big deal. I felt the heat. I like big films") == Ids{});
  CHECK(named("Have you seen \"Big\"?") == Ids{6});
}

TEST_CASE("a mention tells its place and is counted once", "[title_mentions]") {
  const std::string text = "Yes, \"Toy Story (1995)\"!";
  const auto mentions = TitleFinder(kFilms, 0.95).find(text);
  REQUIRE(mentions.size() == 1);
  CHECK(text.substr(mentions[0].begin, mentions[0].end - mentions[0].begin) == "Toy Story (1995)");
  CHECK(TitleFinder(kFilms, 0.95).find("").empty());
}
