#include "language/text/leak_check.h"

#include <catch2/catch.hpp>

using latentcrs::leaks_title;

namespace {

bool leaks(const char* utterance, const char* title) { return leaks_title(utterance, title, 0.85); }

}  // namespace

TEST_CASE("A title leaks whatever its case, accents, punctuation, article and year", "[leak]") {
  CHECK(leaks("I want to see toy story again", "Toy Story (1995)"));
  CHECK(leaks("Something like the TOY-STORY movie", "Toy Story (1995)"));
  CHECK(leaks("Have you got The American President?", "American President, The (1995)"));
  CHECK(leaks("Les Miserables, please", "Mis\u00e9rables, Les (1995)"));
  CHECK(leaks("I mean Schindlers list.", "Schindler's List (1993)"));
  CHECK(leaks("Is it Oscar and Lucinda?", "Oscar & Lucinda (1997)"));
  CHECK_FALSE(leaks("A story about a toy", "Toy Story (1995)"));
  CHECK_FALSE(leaks("An animated movie from 1995", "Toy Story (1995)"));
  CHECK_FALSE(leaks("", "Toy Story (1995)"));
}

TEST_CASE("Alternative titles leak, editions and platforms do not", "[leak]") {
  const char* cherbourg = "Umbrellas of Cherbourg, The (Parapluies de Cherbourg, Les) (1964)";
  CHECK(leaks("Les parapluies de Cherbourg", cherbourg));
  CHECK(leaks("the umbrellas of Cherbourg", cherbourg));
  CHECK(leaks("Handle with Care is it", "Citizen's Band (a.k.a. Handle with Care) (1977)"));
  CHECK(leaks("mario kart 8 would do", "Mario Kart 8 - Nintendo Wii U"));
  CHECK_FALSE(leaks("anything for my Nintendo Wii U", "Mario Kart 8 - Nintendo Wii U"));
  CHECK(leaks("abbey road", "Abbey Road [Limited Edition]"));
  CHECK_FALSE(leaks("I collect every limited edition", "Abbey Road [Limited Edition]"));
}

TEST_CASE("Other names of a movie leak", "[leak]") {
  CHECK(leaks("I mean Se7en, please", "Seven (Se7en) (1995)"));
  CHECK(leaks("I love Solyaris.", "Solaris (Solyaris) (1972)"));
  CHECK_FALSE(leaks("some switch", "Puzzles (Switch)"));  // a platform: no year says that it is a movie
  const char* empire = "Star Wars: Episode V - The Empire Strikes Back (1980)";
  CHECK(leaks("the empire strikes back", empire));
  CHECK(leaks("Star Wars: The Empire Strikes Back", empire));
  CHECK_FALSE(leaks("something like Star Wars", empire));
  const char* hope = "Star Wars: Episode IV - A New Hope (1977)";
  CHECK(leaks("It is A New Hope that I mean", hope));
  CHECK_FALSE(leaks("a film that gives me a new hope", hope));  // two words are English, too
  CHECK(leaks("I want Dr. Strangelove", "Dr. Strangelove or: How I Learned to Stop Worrying (1963)"));
  CHECK(leaks("12 monkeys", "Twelve Monkeys (1995)"));
  CHECK(leaks("godfather part 2", "Godfather: Part II, The (1974)"));
  CHECK(leaks("I mean Life of Brian", "Monty Python's Life of Brian (1979)"));
  CHECK(leaks("Was Seven good?", "Seven (Se7en) (1995)"));
  CHECK_FALSE(leaks("I saw seven of them", "Seven (Se7en) (1995)"));
}

TEST_CASE("Near titles leak", "[leak]") {
  CHECK(leaks("that shawshenk redemption one", "Shawshank Redemption, The (1994)"));  // 1 letter of 20
  CHECK(leaks("Star Gate was fun", "Stargate (1994)"));
  CHECK(leaks("I love Ghost Busters", "Ghostbusters (1984)"));
  CHECK_FALSE(leaks("that shawshenk redemption one", "Showstopper Retention (1994)"));
  // 17 letters and a space against the same with one letter changed: 1 - 1/18 = 0.944.
  CHECK(leaks_title("a perfect workd indeed yes", "Perfect World Indeed", 0.9));
  CHECK_FALSE(leaks_title("a perfect workd indeed yes", "Perfect World Indeed", 0.96));
  // Another part of the series is another title.
  CHECK_FALSE(leaks("I loved Friday the 13th Part 3", "Friday the 13th Part 4"));
  CHECK(leaks("I loved Fridey the 13th Part 4", "Friday the 13th Part 4"));
  CHECK_FALSE(leaks("I loved Star Wars: Episode V", "Star Wars: Episode VI - Return of the Jedi (1983)"));
  // Too short to be near anything.
  CHECK_FALSE(leaks("I like Rocky I", "Rocky V (1990)"));
}

TEST_CASE("A one-word title leaks only where it is written as a title", "[leak]") {
  CHECK_FALSE(leaks("I'd like it to be a big comedy", "Big (1988)"));
  CHECK_FALSE(leaks("It should be funny. It is late.", "It (1990)"));
  CHECK(leaks("You know Big, with Tom Hanks?", "Big (1988)"));
  CHECK(leaks("Show me \"big\", please", "Big (1988)"));
  CHECK(leaks("Show me \u201cThe Game.\u201d", "Game, The (1997)"));
  CHECK(leaks("Let me watch Heat tonight.", "Heat (1995)"));
  CHECK_FALSE(leaks("In the heat of summer", "Heat (1995)"));
  CHECK_FALSE(leaks("I enjoyed \"In the Heat of the Night\".", "Heat (1995)"));  // part of a longer name
  CHECK_FALSE(leaks("I enjoyed Big Fish.", "Big (1988)"));
  CHECK(leaks("Recommend Titanic.", "Titanic (1997)"));
  CHECK(leaks("Show me 8MM please", "8MM (1999)"));
}

TEST_CASE("Where capitals say nothing, longer words leak and shorter ones do not", "[leak]") {
  CHECK(leaks("Casablanca is what I want", "Casablanca (1942)"));
  CHECK_FALSE(leaks("Big laughs are what I want", "Big (1988)"));
  CHECK(leaks("can i see casablanca", "Casablanca (1942)"));
  CHECK_FALSE(leaks("can i see a big comedy", "Big (1988)"));
  CHECK_FALSE(leaks("Can I see a ghost story", "Ghost (1990)"));
}

TEST_CASE("Letters and numbers leak only in quotes", "[leak]") {
  CHECK_FALSE(leaks("Rated M for mature", "M (1931)"));
  CHECK(leaks("I mean \"M\", the classic", "M (1931)"));
  CHECK_FALSE(leaks("Something from 1984", "1984 (1984)"));
  CHECK(leaks("I mean '1984'.", "1984 (1984)"));
}

TEST_CASE("Titles of sleeve words need capitals", "[leak]") {
  CHECK_FALSE(leaks("I'd love a greatest hits record", "Greatest Hits"));
  CHECK(leaks("The one called Greatest Hits", "Greatest Hits"));
  CHECK_FALSE(leaks("the very best of jazz, live", "The Very Best Of"));
}

TEST_CASE("A title without words never leaks", "[leak]") {
  CHECK_FALSE(leaks("Well... maybe", "..."));
  CHECK_FALSE(leaks("Well", ""));
}
