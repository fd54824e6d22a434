#include "experiment/stages/conversation_rows.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "datasets/data/preprocess.h"
#include "recommender/eval/item_cosines.h"
#include "recommender/eval/ranker.h"
#include "support/temp_dir.h"

using namespace latentcrs;

namespace {

namespace fs = std::filesystem;

Item film_of(int64_t id, const std::string& title, int year) {
  return {.id = id, .title = title, .name = title, .year = year, .facets = {}, .description = ""};
}

/// Films 11 to 14; 13 has no interactions.
struct SmallWorld {
  ItemCatalogue catalogue{{film_of(11, "Heat (1995)", 1995), film_of(12, "Alien (1979)", 1979),
                           film_of(13, "Solaris (1972)", 1972), film_of(14, "Casino (1995)", 1995)}};
  Interactions interactions;
  DenseItems items;
  ItemCounts counts = {{11, 2}, {12, 1}, {14, 1}};

  SmallWorld() {
    interactions.add_user(1, std::vector<int32_t>{11, 12, 14});
    items = make_dense_items(interactions);
  }
  ConversationRows link(std::vector<ConversationPoint> conversations, ConversationFaults& left_out,
                        ConversationText text = ConversationText::user) const {
    return link_conversations(std::move(conversations), {catalogue, items, counts}, text, left_out);
  }
};

ConversationPoint talk(std::vector<ItemReference> targets) {
  ConversationPoint conversation{.id = "d/1", .dialogue = "d"};
  conversation.utterances = {{Speaker::user, "I liked Alien (1979)"},
                             {Speaker::recommender, "And Heat (1995)?"},
                             {Speaker::user, "Seen. Solaris (1972) too"}};
  conversation.targets = std::move(targets);
  conversation.where = "f:1";
  return conversation;
}

}  // namespace

TEST_CASE("a target that a conversation gives twice counts once and is said", "[conversation_rows]") {
  const SmallWorld world;
  ConversationFaults left_out;
  const ConversationRows rows =
      world.link({talk({int64_t{14}, int64_t{14}, std::string("Casino (1995)"), int64_t{12}})}, left_out);
  CHECK(rows.ranked.customer_ids == std::vector<std::string>{"d/1/14", "d/1/12"});
  CHECK(left_out.count("targets that the conversation gives twice") == 2);
}

TEST_CASE("titles in the utterances become the history where the file gives none", "[conversation_rows]") {
  const SmallWorld world;
  ConversationFaults left_out;
  const ConversationRows rows = world.link({talk({int64_t{14}, std::string("Heat (1995)")})}, left_out);
  REQUIRE(rows.size() == 2);
  CHECK(rows.histories.size() == 1);
  const auto history = rows.histories.of(0);
  CHECK(std::vector<int32_t>(history.begin(), history.end()) == std::vector<int32_t>{2, 1});  // Alien, Heat
  CHECK((rows.said_by[0] == std::vector<Speaker>{Speaker::user, Speaker::recommender}));
  CHECK(rows.texts[0] == "I liked Alien (1979)\nSeen. Solaris (1972) too");
  CHECK(rows.conditions[0] == ConversationCondition::recommendation);
  CHECK(rows.conditions[1] == ConversationCondition::discussion);  // Heat was named
  CHECK(rows.ranked.customer_ids == std::vector<std::string>{"d/1/14", "d/1/11"});
  CHECK(rows.ranked.leaks_title == std::vector<uint8_t>{0, 1});
  CHECK(world.link({talk({int64_t{14}})}, left_out, ConversationText::last).texts[0] == "Seen. Solaris (1972) too");
  CHECK(world.link({talk({int64_t{14}})}, left_out, ConversationText::all).texts[0] ==
        "I liked Alien (1979)\nAnd Heat (1995)?\nSeen. Solaris (1972) too");
}

TEST_CASE("ids are those of the raw files, and digits alone are a title where one has them", "[conversation_rows]") {
  const SmallWorld small;
  const test::TempDir dir;
  test::write_text(dir / "map.json", R"({"14": 11, "B012": 12, "1995": 14, "Heat": 14})");
  const ItemCatalogue catalogue{{film_of(11, "Heat (1995)", 1995), film_of(12, "1995", 1999), film_of(14, "Up", 2009)}};
  const auto targets_of = [&](const RawIds& raw_ids, ItemReference target) {
    ConversationFaults left_out;
    std::vector<ConversationPoint> conversations = {talk({std::move(target)}), talk({int64_t{14}})};
    return link_conversations(std::move(conversations), {catalogue, small.items, small.counts, raw_ids},
                              ConversationText::user, left_out)
        .ranked.targets;
  };
  using Ids = std::vector<int64_t>;
  const RawIds renumbered(dir / "map.json");
  CHECK(targets_of(renumbered, int64_t{1995}) == Ids{14, 11});
  CHECK(targets_of(renumbered, int64_t{11}) == Ids{11});  // the program's own number is none of the raw files
  CHECK(targets_of(renumbered, std::string("B012")) == Ids{12, 11});
  CHECK(targets_of(renumbered, std::string("Heat")) == Ids{14, 11});
  CHECK(targets_of(renumbered, std::string("Heat (1995)")) == Ids{11, 11});
  CHECK(targets_of(renumbered, std::string("1995")) == Ids{12, 11});
  CHECK(targets_of(renumbered, std::string("14")) == Ids{11, 11});
  CHECK(targets_of(RawIds(), std::string("12")) == Ids{12, 14});
}

TEST_CASE("a given history is taken as it is, also an empty one", "[conversation_rows]") {
  const SmallWorld world;
  ConversationFaults left_out;
  ConversationPoint given = talk({int64_t{11}}), none = talk({int64_t{11}});
  given.has_history = none.has_history = true;
  given.history = {{int64_t{14}, Speaker::user}, {int64_t{13}, Speaker::user}, {int64_t{14}, Speaker::user}};
  const ConversationRows rows = world.link({given, none}, left_out);
  CHECK(rows.histories.of(0).size() == 1);
  CHECK(rows.histories.of(1).empty());
  CHECK(left_out.count("items of the history outside the catalogue") == 1);
  CHECK(rows.ranked.customer_ids == std::vector<std::string>{"d/1/11", "d/1/11#2"});
}

TEST_CASE("targets come from the response where none are given, and foreign ones are counted", "[conversation_rows]") {
  const SmallWorld world;
  ConversationFaults left_out;
  ConversationPoint answered = talk({});
  answered.response = "Then Casino (1995), or Heat";
  const ConversationRows rows =
      world.link({answered, talk({int64_t{13}, int64_t{99}, std::string("Up (2009)")})}, left_out);
  CHECK(rows.ranked.targets == std::vector<int64_t>{14});
  CHECK(left_out.count("targets outside the catalogue") == 3);
  CHECK_THROWS_WITH(world.link({talk({int64_t{99}})}, left_out), Catch::Contains("none of the 1 conversations"));
}

TEST_CASE("groups are by condition, length of the history and popularity of the target", "[conversation_rows]") {
  const SmallWorld world;
  ConversationFaults left_out;
  ConversationPoint alone = talk({int64_t{11}});
  alone.has_history = true;
  alone.dialogue = "e";
  const ConversationRows rows = world.link({talk({int64_t{14}, int64_t{11}}), alone}, left_out);
  std::map<std::string, std::vector<uint8_t>> groups;
  // Popularity 4, 1, 1: the first third of the 6 interactions ends within item 1 and the second one with it.
  for (const RowGroup& group : conversation_groups(rows, {0, 4, 1, 1})) groups[group.name] = group.members;
  using Members = std::vector<uint8_t>;
  CHECK(groups.at("all") == Members{1, 1, 1});
  CHECK(groups.at("recommendation") == Members{1, 0, 1});
  CHECK(groups.at("discussion") == Members{0, 1, 0});
  CHECK(groups.at("recommendation, history of 0") == Members{0, 0, 1});
  CHECK(groups.at("recommendation, history of 2 or more") == Members{1, 0, 0});
  CHECK(groups.at("recommendation, popular target") == Members{0, 0, 1});
  CHECK(groups.at("recommendation, rare target") == Members{1, 0, 0});

  const std::vector<int64_t> other = rows_of_other_dialogues(rows, 3);
  CHECK(other == std::vector<int64_t>{2, 2, 0});  // dialogue d takes the words of e, and e those of d
}

TEST_CASE("popularity and cosines on ReDial's turns are those known for MovieLens-1M", "[conversation_rows]") {
  const fs::path real = test::real_data_dir(), turns = real / "crs-zeroshot/redial/on_ml1m.jsonl.gz";
  if (!fs::exists(turns) || !fs::exists(real / "ml-1m/ratings.dat")) return;
  const test::TempDir dir;
  PreprocessJob job;
  job.dataset.dataset_name = "ml-1m";
  job.dataset.format = "movielens";
  job.dataset.features_name = "movie_features.csv";
  job.dataset.id_column = "MovieID";
  job.interactions_path = real / "ml-1m/ratings.dat";
  job.metadata_path = real / "ml-1m/movies.dat";
  job.output_folder = dir.path();
  preprocess(job);
  const Interactions interactions = read_interactions(dir / "ml-1m.csv");
  const DenseItems items = make_dense_items(interactions);
  const ItemCatalogue catalogue = read_item_catalogue(dir / "movie_features.csv", job.dataset);
  ConversationFaults left_out;
  const ConversationRows rows =
      link_conversations(read_conversations(turns, left_out), {catalogue, items, {}}, ConversationText::user, left_out);
  CHECK(left_out.to_json().empty());
  CHECK(rows.size() == 1353);

  const CoOccurrence pairs(user_items(interactions, items, ItemsOfUsers::all), items.size());
  Histories seen;
  for (const size_t c : rows.of_row) seen.add(rows.histories.of(static_cast<int64_t>(c)));
  const Candidates candidates{.non_items = {0}, .excluded = [&](int64_t i) { return seen.of(i); }};
  const std::vector<RankedRow> scores = {
      {"popularity", rank_targets_by_score(pairs.counts(), rows.targets, candidates)},
      {"item cosine", rank_by_history_cosines(pairs, seen, rows.targets)}};
  const auto recall = [&](const std::string& name, size_t score) {
    for (const RowGroup& group : conversation_groups(rows, pairs.counts())) {
      if (group.name != name) continue;
      const std::vector<Rank> ranks = rows_of(group, scores)[score].ranks;
      std::vector<int> at;  // in thousandths, as the figures are known
      for (const int k : kConversationCutoffs) at.push_back(static_cast<int>(std::lround(1000 * hit_at(ranks, k))));
      return std::pair(ranks.size(), at);
    }
    throw std::out_of_range(name);
  };
  using Known = std::pair<size_t, std::vector<int>>;
  CHECK((recall("recommendation", 0) == Known{1223, {2, 18, 45, 83, 200}}));
  CHECK((recall("recommendation, with history", 0) == Known{613, {3, 16, 42, 73, 173}}));
  CHECK((recall("recommendation, with history", 1) == Known{613, {47, 145, 206, 274, 424}}));
  CHECK((recall("recommendation, history of 2 or more", 0) == Known{285, {7, 14, 32, 56, 179}}));
  CHECK((recall("recommendation, history of 2 or more", 1) == Known{285, {56, 147, 196, 260, 435}}));
}
