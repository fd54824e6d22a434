#include "experiment/stages/mentions.h"

#include <catch2/catch.hpp>

using namespace latentcrs;

namespace {

/// Films 11 and 12, with dense ids 1 and 2.
struct TwoFilms {
  ItemCatalogue catalogue{
      {Item{.id = 11, .title = "Heat (1995)", .name = "Heat", .year = 1995, .facets = {}, .description = {}},
       Item{.id = 12, .title = "Alien (1979)", .name = "Alien", .year = 1979, .facets = {}, .description = {}}}};
  Interactions interactions;
  DenseItems items;
  ItemCounts counts;

  TwoFilms() {
    interactions.add_user(1, std::vector<int32_t>{11, 12});
    items = make_dense_items(interactions);
  }
  MentionCounts count(const std::vector<ConversationPoint>& of_others,
                      const std::vector<ConversationPoint>& evaluated = {}) const {
    ConversationFaults left_out;
    return count_mentions(of_others, {catalogue, items, counts}, evaluated, left_out);
  }
};

ConversationPoint talk(const std::string& dialogue, const std::vector<std::string>& utterances,
                       std::vector<ItemReference> targets = {}) {
  ConversationPoint conversation{.id = dialogue, .dialogue = dialogue};
  for (const std::string& text : utterances) conversation.utterances.push_back({Speaker::user, text});
  conversation.targets = std::move(targets);
  return conversation;
}

using Counts = std::vector<int64_t>;

const std::string kFirst = "I would like to laugh tonight", kSecond = "It should not be too long",
                  kThird = "And my dog should like it";

}  // namespace

TEST_CASE("a dialogue counts once for each item that it mentions", "[mentions]") {
  const TwoFilms films;
  const MentionCounts counts = films.count({talk("a", {"I liked Heat (1995)"}, {int64_t{12}}),
                                            talk("a", {"I liked Heat (1995)", "And Heat (1995) again"}, {int64_t{12}}),
                                            talk("b", {"Heat (1995)"}, {int64_t{99}}), talk("c", {"Hello"})});
  CHECK(counts.dialogues == Counts{0, 2, 1});
  CHECK(counts.counted == 3);
  CHECK(counts.left_out == 0);
}

TEST_CASE("a dialogue that is evaluated does not count, whatever its name", "[mentions]") {
  const TwoFilms films;
  const std::vector<ConversationPoint> evaluated = {talk("1", {kFirst}), talk("1", {kFirst, kSecond}),
                                                    talk("2", {kThird})};
  const auto counts_with = [&](const std::vector<std::string>& utterances) {
    return films.count({talk("other", utterances, {int64_t{11}})}, evaluated).counted == 1;
  };
  CHECK_FALSE(counts_with({"i would like to laugh, tonight!", kSecond, "Something else that nobody says"}));
  CHECK_FALSE(counts_with({kFirst}));  // all that it has
  CHECK(counts_with({kFirst, "Something else that nobody says"}));
  CHECK(counts_with({kFirst, kThird}));  // which stand in different dialogues
  CHECK(counts_with({kFirst, kFirst, "Something else that nobody says"}));
  CHECK_FALSE(counts_with({"Hi", "A comedy"}));  // too short to be told from an evaluated one
  CHECK(films.count({talk("other", {"Hi", "A comedy"}, {int64_t{11}})}).counted == 1);
}
