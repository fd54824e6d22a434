#include "language/text/genre_words.h"

#include <catch2/catch.hpp>
#include <string>

using namespace latentcrs;

namespace {

/// "Comedy -Horror": the genres found, those that are turned down with a minus.
std::string genres(std::string_view text) {
  std::string found;
  for (const GenreMention& mention : find_genres(text)) {
    if (!found.empty()) found += ' ';
    found += (mention.stance == Stance::refused ? "-" : "") + std::string(genre_name(mention.genre));
  }
  return found;
}

}  // namespace

TEST_CASE("genres are found in the words that people use for them", "[genre_words]") {
  CHECK(genres("Hi, I'm looking for a good comedy") == "Comedy");
  CHECK(genres("some scary movies, and cartoons for the kids") == "Animation Children's Horror");
  CHECK(genres("science fiction or a love story") == "Romance Sci-Fi");
  CHECK(genres("A ROM-COM please!") == "Comedy Romance");
  CHECK(genres("anything with gangsters, or westerns") == "Crime Western");
  CHECK(genres("what is it about?").empty());
  CHECK(genres("").empty());
  CHECK(genres("a \xff comedy") == "Comedy");
}

TEST_CASE("what a clause turns down is told from what it asks for", "[genre_words]") {
  CHECK(genres("I don't really like horror movies what about thrillers") == "-Horror Thriller");
  CHECK(genres("no comedies. A drama") == "-Comedy Drama");
  CHECK(genres("not a comedy, but a funny drama") == "Comedy -Comedy Drama");
}

TEST_CASE("words of titles name no genre", "[genre_words]") {
  CHECK(genres("I liked Scary Movie (2000)").empty());
  CHECK(genres("I liked The War of the Worlds (1953), a comedy like it") == "Comedy");
  CHECK(genres("I liked \"Star Wars\"").empty());
  CHECK(genres("a war movie like Heat (1995)") == "War");
  CHECK(genres("a comedy (1999 or later)") == "Comedy");
}
