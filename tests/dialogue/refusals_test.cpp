#include "language/dialogue/refusals.h"

#include <catch2/catch.hpp>

#include "language/dialogue/named_features.h"

using namespace latentcrs;
using Strings = std::vector<std::string>;

namespace {

Item item(int64_t id, Strings facets, Strings names) {
  Item made{.id = id, .title = "", .name = "", .year = 0, .facets = std::move(facets), .description = ""};
  made.names = std::move(names);
  return made;
}

const ItemCatalogue& catalogue() {
  static const ItemCatalogue made({item(1, {"Comedy", "Horror"}, {"Tom Hanks"}),
                                   item(2, {"Thriller", "Western"}, {"Adam Sandler"}),
                                   item(3, {"Space Opera"}, {"Meg Ryan"})});
  return made;
}

/// "Comedy Thriller -Horror": the features asked for and those turned down.
std::string heard(const Strings& utterances, GenreWording wording = GenreWording::names) {
  std::vector<DialogueTurn> turns;
  for (const std::string& utterance : utterances) turns.push_back({utterance, {}});
  auto extractor =
      hearing_refusals(with_names(make_offline_extractor(catalogue().all_facets(), "films", wording), catalogue()),
                       catalogue(), {.item_noun = "films", .wording = wording, .names = true});
  const Extraction extraction = extractor->extract({turns}).all.at(0);
  std::string text;
  for (const std::string& feature : extraction.features) text += (text.empty() ? "" : " ") + feature;
  for (const std::string& feature : extraction.refused) text += (text.empty() ? "-" : " -") + feature;
  return text;
}

/// Understands what it is told to.
class FixedExtractor : public IntentExtractor {
 public:
  Answers<Extraction> extract(const std::vector<std::vector<DialogueTurn>>& /*dialogues*/) override {
    return std::vector<Extraction>{{.intents = "words", .features = {"Western", "Horror"}}};
  }
};

}  // namespace

TEST_CASE("a genre that is turned down is a refusal with and without people's words", "[refusals]") {
  for (const GenreWording wording : {GenreWording::names, GenreWording::people}) {
    CHECK(heard({"not horror please"}, wording) == "-Horror");
    CHECK(heard({"anything but comedies"}, wording) == "-Comedy");
    CHECK(heard({"I don't want a comedy"}, wording) == "-Comedy");
    CHECK(heard({"no horror, maybe a thriller"}, wording) == "Thriller -Horror");
    CHECK(heard({"not just comedies"}, wording).empty());
    CHECK(heard({"I don't mind horror"}, wording).empty());
    CHECK(heard({"why not a western"}, wording) == "Western");
    CHECK(heard({"no space operas"}, wording) == "-Space Opera");
    CHECK(heard({"not \"Space Opera\""}, wording).empty());
    CHECK(heard({"a comedy and a thriller"}, wording) == "Comedy Thriller");
  }
  CHECK(heard({"nothing scary"}, GenreWording::people) == "-Horror");
  CHECK(heard({"nothing scary"}).empty());
}

TEST_CASE("the newest words about a genre decide", "[refusals]") {
  CHECK(heard({"a horror film", "no horror any more"}) == "-Horror");
  CHECK(heard({"no horror", "all right, horror then"}) == "Horror");
  CHECK(heard({"no horror", "a thriller"}) == "Thriller -Horror");
  CHECK(heard({"no horror", "I don't mind horror after all"}).empty());
  CHECK(heard({"a horror film", "I don't mind horror"}) == "Horror");
  CHECK(heard({"a horror film", "no horror", "I don't mind horror"}).empty());
  CHECK(heard({"not a comedy, but a comedy with a western in it"}) == "Comedy Western");
}

TEST_CASE("people who are turned down are refusals too", "[refusals]") {
  CHECK(heard({"a comedy without Tom Hanks"}) == "Comedy -Tom Hanks");
  CHECK(heard({"anything but Adam Sandler, with Meg Ryan"}) == "Meg Ryan -Adam Sandler");
  CHECK(heard({"why not Meg Ryan"}) == "Meg Ryan");
}

TEST_CASE("a language model decides what is asked for, and refusals are heard beside it", "[refusals]") {
  auto extractor = hearing_refusals(std::make_unique<FixedExtractor>(), catalogue(),
                                    {.item_noun = "films", .decides_wishes = false});
  const auto refused = extractor->extract({{{"no horror, a comedy", {}}}}).all.at(0);
  CHECK(refused.features == Strings{"Western"});
  CHECK(refused.refused == Strings{"Horror"});
  CHECK(extractor->extract({{{"I don't mind horror", {}}}}).all.at(0).features == Strings{"Western", "Horror"});
}
