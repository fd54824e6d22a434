#include "language/text/name_finder.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using namespace latentcrs;

namespace {

Item item(int64_t id, std::vector<std::string> names) {
  Item made{.id = id, .title = "", .name = "", .year = 0, .facets = {}, .description = ""};
  made.names = std::move(names);
  return made;
}

const NameFinder& finder() {
  static const NameFinder made(ItemCatalogue(
      {item(1, {"Tom Hanks", "Meg Ryan", "Nora Ephron"}), item(2, {"Tom Hanks", "Samuel L. Jackson"}),
       item(3, {"J.K. Rowling", "Nintendo", "Zoë Kravitz"}), item(4, {"The Beatles", "The Who", "Al Green"}),
       item(5, {"Steven Spielberg", "Tom Hanks Junior", "Michael J. Fox", "Michael A. Fox"})}));
  return made;
}

/// "Tom Hanks 1 2; -Nora Ephron 1": the names found, with their items, those that are turned down with a minus,
/// those of which both hold with "+-".
std::string named(const std::string& text) {
  std::string found;
  for (const NameMention& mention : finder().find(text)) {
    found += std::string(found.empty() ? "" : "; ") + (mention.asked && mention.rejected ? "+" : "") +
             (mention.rejected ? "-" : "") + std::string(mention.name);
    for (const int64_t id : mention.items) found += " " + std::to_string(id);
  }
  return found;
}

}  // namespace

TEST_CASE("people are found by their full names, however these are written", "[name_finder]") {
  CHECK(named("something with Tom Hanks") == "Tom Hanks 1 2");
  CHECK(named("TOM HANKS, tom-hanks or Tom Hanks's best") == "Tom Hanks 1 2");
  CHECK(named("a film of zoe kravitz") == "Zo\u00eb Kravitz 3");
  CHECK(named("Spielberg or Hanks, Tom").empty());
  CHECK(named("Meg Ryan with tom hanks") == "Meg Ryan 1; Tom Hanks 1 2");
  CHECK(named("Steven Spielberg's films") == "Steven Spielberg 5");
  CHECK(named("Steven Spielberg\u2019s films") == "Steven Spielberg 5");
  CHECK(named("").empty());
  CHECK(named("a \xff Tom Hanks") == "Tom Hanks 1 2");
}

TEST_CASE("the longest name that begins at a word counts", "[name_finder]") {
  CHECK(named("Tom Hanks Junior") == "Tom Hanks Junior 5");
}

TEST_CASE("initials are one word, and may be left out where that names one person", "[name_finder]") {
  for (const char* text : {"J.K. Rowling", "J. K. Rowling", "jk rowling"}) CHECK(named(text) == "J.K. Rowling 3");
  for (const char* text : {"samuel l jackson", "Samuel Jackson"}) CHECK(named(text) == "Samuel L. Jackson 2");
  CHECK(named("Michael J Fox") == "Michael J. Fox 5");
  CHECK(named("Michael Fox").empty());
}

TEST_CASE("a name of one word of content counts where it stands out", "[name_finder]") {
  CHECK(named("games by Nintendo please") == "Nintendo 3");
  CHECK(named("games by nintendo please").empty());
  CHECK(named("Nintendo please").empty());
  CHECK(named("anything like The Beatles") == "The Beatles 4");
  CHECK(named("the beatles of the garden").empty());
  CHECK(named("The Who").empty());  // no word of content
}

TEST_CASE("people whom a clause turns down are told from those it asks for", "[name_finder]") {
  CHECK(named("not Tom Hanks, rather Nora Ephron") == "-Tom Hanks 1 2; Nora Ephron 1");
  CHECK(named("I don't like Tom Hanks. Only Tom Hanks with Meg Ryan") == "+-Tom Hanks 1 2; Meg Ryan 1");
}

TEST_CASE("words of titles name no people", "[name_finder]") {
  CHECK(named("I liked \"Tom Hanks\"").empty());
  CHECK(named("I liked Tom Hanks (1999)").empty());
  CHECK(named("Tom Hanks in Big (1988)") == "Tom Hanks 1 2");
}
