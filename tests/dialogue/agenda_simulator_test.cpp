#include "language/dialogue/agenda_simulator.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "language/dialogue/checked_speech.h"
#include "language/dialogue/feature_extraction.h"

using namespace latentcrs;

namespace {

Item make_item(int64_t id, const std::string& name, int year, std::vector<std::string> facets) {
  Item item;
  item.id = id;
  item.name = name;
  item.title = year == 0 ? name : name + " (" + std::to_string(year) + ")";
  item.year = year;
  item.facets = std::move(facets);
  return item;
}

ItemCatalogue films() {
  return ItemCatalogue({make_item(1, "Toy Story", 1995, {"Animation", "Children's", "Comedy"}),
                        make_item(2, "Toy Story 2", 1999, {"Animation", "Children's", "Comedy"}),
                        make_item(3, "Matrix, The", 1999, {"Action", "Sci-Fi", "Thriller"}),
                        make_item(4, "Airplane!", 1980, {"Comedy"}), make_item(5, "Nameless", 0, {})});
}

struct Fixture {
  explicit Fixture(ItemCatalogue items, const std::string& noun = "movies") : catalogue(std::move(items)) {
    dataset.item_noun = noun;
  }
  std::string say(const SplitRecord& record, std::vector<DialogueTurn> turns = {}, int attempt = 0) {
    auto simulator = make_agenda_simulator(catalogue, dataset, options, 42);
    UtteranceRequest request;
    request.record = &record;
    request.turns = std::move(turns);
    request.attempt = attempt;
    return simulator->speak({request}).all[0].text.value_or("");
  }
  ItemCatalogue catalogue;
  DatasetOptions dataset;
  SimulateOptions options;
};

SplitRecord record_of(int user, int32_t target, std::vector<int32_t> history = {}) {
  return {std::to_string(user) + "_raw_raw", user, std::move(history), target};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("Utterances depend on seed, user, turn and attempt, and on nothing else", "[agenda]") {
  Fixture f(films());
  CHECK(f.say(record_of(1, 1)) == f.say(record_of(1, 1)));
  std::set<std::string> said;
  for (int user = 0; user < 50; ++user) said.insert(f.say(record_of(user, 1)));
  CHECK(said.size() > 40);
  CHECK(f.say(record_of(1, 1), {}, 1) != f.say(record_of(1, 1)));
}

TEST_CASE("An opening names one or two facets of the target and no others, and never the title", "[agenda]") {
  Fixture f(films());
  f.options.max_facets = GENERATE(1, 2);
  const FacetMatcher matcher(f.catalogue.all_facets(), "movies");
  const auto& allowed = f.catalogue.at(3).facets;
  size_t most = 0;
  for (int user = 0; user < 300; ++user) {
    const std::string text = f.say(record_of(user, 3, {1, 4}));
    INFO(text);
    const auto named = matcher.find(text);
    for (const std::string& facet : named) CHECK(std::count(allowed.begin(), allowed.end(), facet) == 1);
    const bool decade = has(text, "nineties") || has(text, "1990s");
    CHECK(named.size() + decade >= 1);
    CHECK(named.size() + decade <= static_cast<size_t>(f.options.max_facets));
    CHECK_FALSE(has(text, "Matrix"));
    CHECK_FALSE(has(text, "1999"));
    CHECK_FALSE(has(text, "{"));
    most = std::max(most, named.size() + decade);
  }
  CHECK(most == static_cast<size_t>(f.options.max_facets));
}

TEST_CASE("Likeness names items of the history that share a facet, in quotes, but none that gives the title away",
          "[agenda]") {
  Fixture f(films());
  f.options.likeness_prob = 1;
  for (int user = 0; user < 50; ++user) {
    CHECK(has(f.say(record_of(user, 1, {3, 4})), "\"Airplane!\""));
    CHECK_FALSE(has(f.say(record_of(user, 1, {3})), "\""));  // nothing in common
    CHECK_FALSE(has(f.say(record_of(user, 1, {2})), "Toy Story"));
    CHECK_FALSE(has(f.say(record_of(user, 1, {1})), "Toy Story"));
  }
  f.options.likeness_prob = 0;
  CHECK_FALSE(has(f.say(record_of(1, 1, {3, 4})), "Airplane!"));
}

TEST_CASE("Later turns refuse and say what was not said yet", "[agenda]") {
  Fixture f(films());
  f.options.likeness_prob = 0;
  const FacetMatcher matcher(f.catalogue.all_facets(), "movies");
  for (int user = 0; user < 40; ++user) {
    std::vector<DialogueTurn> turns = {{"I'd like a comedy from the nineties.", {3}}};
    std::set<std::string> named;
    for (int t = 0; t < 3; ++t) {
      const std::string text = f.say(record_of(user, 1), turns);
      INFO(text);
      // Three facts are left: two genres and the year; each turn brings at least one of them.
      const auto facets = matcher.find(text);
      CHECK(std::find(facets.begin(), facets.end(), "Comedy") == facets.end());
      if (named.size() < 3) {
        const size_t before = named.size();
        named.insert(facets.begin(), facets.end());
        if (has(text, "1995")) named.insert("1995");
        CHECK(named.size() > before);
      }
      turns.push_back({text, {3}});
      if (named.size() == 3) break;
    }
    CHECK(named == std::set<std::string>{"Animation", "Children's", "1995"});
    // When everything has been said, it is said again.
    const auto again = matcher.find(f.say(record_of(user, 4), {{"A comedy from the eighties, 1980.", {3}}}));
    CHECK((again.empty() || again == std::vector<std::string>{"Comedy"}));
  }
}

TEST_CASE("The target is accepted", "[agenda]") {
  Fixture f(films());
  const std::string text = f.say(record_of(1, 1), {{"I'd like a comedy.", {3, 1}}});
  CHECK(has(text, std::string(kEndMarker)));
}

TEST_CASE("No answer where nothing is known", "[agenda]") {
  Fixture f(films());
  CHECK(f.say(record_of(1, 5)).empty());
}

TEST_CASE("Descriptions give words that are no words of the title", "[agenda]") {
  Item album = make_item(1, "Moonlit Harbour", 0, {});
  album.description = "Moonlit Harbour is the quiet and orchestral second record of the harbour quartet: 12 lullabies.";
  Item other = make_item(2, "Other", 0, {});
  other.description = "The record is quiet.";
  Fixture f(ItemCatalogue({album, other}), "CDs");
  std::set<std::string> found;
  for (int user = 0; user < 60; ++user) {
    const std::string text = f.say(record_of(user, 1));
    INFO(text);
    CHECK(has(text, "CD"));
    // A refusal followed by words of the description only.
    CHECK_FALSE(has(f.say(record_of(user, 1), {{text, {2}}}), "CD"));
    CHECK_FALSE(has(text, "oonlit"));
    CHECK_FALSE(has(text, "arbour"));
    for (const char* word : {"orchestral", "quartet", "lullabies", "second"})
      if (has(text, word)) found.insert(word);
  }
  CHECK(found.size() == 4);
}

TEST_CASE("Shop categories and nouns read well", "[agenda]") {
  Fixture f(ItemCatalogue({make_item(1, "Xyzzy", 0, {"R&B", "Alternative Rock"})}), "CDs");
  bool article = false;
  for (int user = 0; user < 100; ++user) {
    const std::string text = f.say(record_of(user, 1));
    INFO(text);
    CHECK((has(text, "R&B") || has(text, "Alternative Rock")));
    CHECK_FALSE(has(text, "a R&B"));
    CHECK_FALSE(has(text, "a Alternative"));
    CHECK_FALSE(has(text, "CDs"));
    article = article || has(text, "an R&B CD") || has(text, "an Alternative Rock CD");
  }
  CHECK(article);
}

TEST_CASE("Of items without words, a user says what they go with", "[agenda]") {
  Fixture f(ItemCatalogue({make_item(1, "item 17", 0, {"9", "B00X"}), make_item(2, "item 9", 0, {})}), "items");
  f.dataset.format = "csv";
  std::set<std::string> openings;
  for (int user = 0; user < 60; ++user) {
    const std::string said = f.say(record_of(user, 1, {2}));
    CAPTURE(said);
    CHECK((has(said, "9") || has(said, "B00X")));
    CHECK_FALSE(has(said, "17"));
    CHECK_FALSE(has(said, "section"));
    openings.insert(said);
  }
  CHECK(openings.size() > 20);
  // Nothing is known about an item without neighbours but what the user had.
  CHECK(has(f.say(record_of(1, 2, {1})), "\"item 17\""));
}

TEST_CASE("People's wording names facets of the target in usual words, and never its title", "[agenda]") {
  Fixture f(films());
  f.options.wording = "people";
  f.options.likeness_prob = 0;
  std::set<std::string> said;
  int science_fiction = 0, without_facet = 0, turned_down = 0;
  for (int user = 0; user < 400; ++user) {
    const std::string text = f.say(record_of(user, 3, {1, 4}));
    INFO(text);
    said.insert(text);
    CHECK_FALSE(has(text, "Matrix"));
    CHECK_FALSE(has(text, "Toy Story"));
    CHECK_FALSE(has(text, "{"));
    science_fiction += has(text, "science fiction") || has(text, "sci") ? 1 : 0;
    const bool wanted = has(text, "action") || has(text, "sci") || has(text, "thrill") || has(text, "suspense") ||
                        has(text, "exciting") || has(text, "space") || has(text, "aliens") || has(text, "edge");
    without_facet += wanted ? 0 : 1;
    turned_down += has(text, "don't") || has(text, "not ") || has(text, "No ") || has(text, "hate") ? 1 : 0;
    // A comedy or a cartoon is named only where it is turned down.
    for (const char* other : {"comed", "funny", "cartoon", "animat"})
      if (has(text, other)) CHECK(turned_down > 0);
  }
  CHECK(said.size() > 350);
  CHECK(science_fiction > 40);
  CHECK(without_facet > 20);
  CHECK(without_facet < 140);
  CHECK(turned_down > 20);
}

TEST_CASE("People's wording names a liked title where likeness_prob says so", "[agenda]") {
  Fixture f(films());
  f.options.wording = "people";
  f.options.likeness_prob = 1;
  CHECK(has(f.say(record_of(1, 4, {1})), "Toy Story"));
  CHECK_FALSE(f.say(record_of(1, 5)).empty());  // nothing is known about the item, and a person still says something
}

TEST_CASE("In later turns people's wording is the plain one", "[agenda]") {
  Fixture f(films());
  const std::vector<DialogueTurn> turns = {{"I like comedies", {3}}};
  const std::string plain = f.say(record_of(1, 4), turns);
  f.options.wording = "people";
  CHECK(f.say(record_of(1, 4), turns) == plain);
}
