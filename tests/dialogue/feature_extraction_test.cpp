#include "language/dialogue/feature_extraction.h"

#include <catch2/catch.hpp>

using namespace latentcrs;
using Strings = std::vector<std::string>;

namespace {

const Strings kGenres = {"Drama", "Comedy", "Children's", "Sci-Fi", "War", "Film-Noir", "Documentary"};

Strings find(const std::string& text) { return FacetMatcher(kGenres, "movies").find(text); }

}  // namespace

TEST_CASE("Facets are found as whole words in any case and number", "[features]") {
  CHECK(find("Some COMEDIES and a drama") == Strings{"Drama", "Comedy"});
  CHECK(find("a children's movie") == Strings{"Children's"});
  CHECK(find("movies for children") == Strings{"Children's"});
  CHECK(find("documentaries") == Strings{"Documentary"});
  CHECK(find("a dramatic, warm, uncomedic evening").empty());
  CHECK(find("").empty());
}

TEST_CASE("Hyphenated facets are found however they are written", "[features]") {
  for (const char* text : {"a Sci-Fi movie", "some sci fi", "scifi!", "SCI-FI"}) CHECK(find(text) == Strings{"Sci-Fi"});
  CHECK(find("film noirs") == Strings{"Film-Noir"});
  CHECK(find("A science story. Fi!").empty());
  CHECK(find("I like sci. Fi is no word.").empty());  // not across the end of a sentence
}

TEST_CASE("Quoted titles ask for nothing", "[features]") {
  CHECK(find("in the spirit of \"Star Wars\", a comedy") == Strings{"Comedy"});
  CHECK(find("in the spirit of \u201cStar Wars\u201d") == Strings{});
  CHECK(find("an unclosed \" quote, a war movie") == Strings{"War"});
}

TEST_CASE("The longest facet counts, and the item noun is no facet", "[features]") {
  const FacetMatcher matcher({"Rock", "Alternative Rock", "Games", "Video"}, "video games");
  CHECK(matcher.find("alternative rock") == Strings{"Alternative Rock"});
  CHECK(matcher.find("alternative rock and plain rock") == Strings{"Rock", "Alternative Rock"});
  CHECK(matcher.find("a video game, please").empty());
  CHECK(matcher.find("board games") == Strings{"Games"});
}

TEST_CASE("The offline extractor reads the whole dialogue, newest first", "[features]") {
  auto extractor = make_offline_extractor(kGenres, "movies");
  const auto result = extractor->extract({{{"A war movie.", {1, 2}}, {"No. A drama!", {}}}, {{"Hm", {}}}}).all;
  REQUIRE(result.size() == 2);
  CHECK(result[0].intents == "No. A drama! A war movie.");
  CHECK(result[0].features == Strings{"Drama", "War"});
  CHECK_FALSE(result[0].fallback);
  CHECK(result[1].features.empty());
}

TEST_CASE("People's words for genres are understood where they are asked for", "[features]") {
  const Strings facets = {"Comedy", "Children's", "Horror", "Animation", "Space Opera"};
  const auto features = [&](const std::vector<DialogueTurn>& turns, GenreWording wording = GenreWording::people) {
    return make_offline_extractor(facets, "movies", wording)->extract({turns}).all.at(0).features;
  };
  CHECK(features({{"something animated and funny for the kids", {}}}) == Strings{"Comedy", "Children's", "Animation"});
  CHECK(features({{"something animated and funny", {}}}, GenreWording::names).empty());
  CHECK(features({{"a space opera", {}}}) == Strings{"Space Opera"});  // no genre of MovieLens, and Sci-Fi is no facet
  CHECK(features({{"I liked Scary Movie (2000)", {}}}).empty());
  CHECK(features({{"no horror, a comedy", {}}}) == Strings{"Comedy"});
  CHECK(features({{"no horror, a comedy", {}}}, GenreWording::names) == Strings{"Comedy", "Horror"});
  // The newest utterance decides; one that names the genre in both senses asks for it.
  CHECK(features({{"something scary", {}}, {"nothing scary, please", {}}, {"a cartoon", {}}}) == Strings{"Animation"});
  CHECK(features({{"nothing scary", {}}, {"well, a horror movie", {}}}) == Strings{"Horror"});
  CHECK(features({{"not a comedy, but a funny drama", {}}}) == Strings{"Comedy"});
}
