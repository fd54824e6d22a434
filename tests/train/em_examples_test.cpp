#include "recommender/train/em_examples.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

#include "base/util/error.h"
#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;
using Catch::Contains;

namespace {

/// Users 10 and 20; raw items 5, 7, 9, 3, 8 get the dense ids 1..5.
struct World {
  Interactions interactions;
  DenseItems items;
  std::vector<EmbeddingFile> files;

  World() {
    interactions.add_user(10, std::vector<int32_t>{5, 7, 9});
    interactions.add_user(20, std::vector<int32_t>{7, 3, 8, 3});
    items = make_dense_items(interactions);
    files.push_back(file("raw", "raw", {"20_raw_raw", "10_raw_raw"}, {{1, 2}, {3, 4}}));
  }
  static EmbeddingFile file(const std::string& task, const std::string& key, std::vector<std::string> ids,
                            std::vector<std::vector<float>> rows) {
    std::vector<at::Tensor> tensors;
    for (const auto& row : rows) tensors.push_back(at::tensor(row));
    return {task, key, task + "_" + key + ".pt", {std::move(ids), at::stack(tensors)}};
  }
  EmExamples examples(const std::vector<Utterance>& utterances, MissingReplies missing = MissingReplies::keep) const {
    return make_em_examples(utterances, {&interactions, &items, files, missing});
  }
};

Utterance say(const std::string& id, int64_t user, std::vector<int32_t> history, int32_t target,
              const std::string& response = "something calm") {
  return {.record = {id, user, std::move(history), target}, .prompt = "", .response = response};
}

}  // namespace

TEST_CASE("examples join utterances, dense ids and embeddings") {
  const World world;
  const EmExamples examples = world.examples({say("10_raw_raw", 10, {5, 7}, 9), say("20_raw_raw", 20, {7}, 3)});
  REQUIRE(examples.size() == 2);
  CHECK(examples.users == std::vector<int64_t>{0, 1});
  CHECK(examples.targets == std::vector<int32_t>{3, 4});
  CHECK(examples.histories.items == std::vector<int32_t>{1, 2, 2});
  CHECK(examples.histories.offsets == std::vector<int64_t>{0, 2, 3});
  CHECK(difference(examples.embeddings.all(), at::tensor({3.f, 4.f, 1.f, 2.f}).view({2, 2}), kExact) == "");
}

TEST_CASE("what a user had seen is everything before the target, where a record keeps its last items") {
  World world;
  world.interactions.add_user(30, std::vector<int32_t>{5, 7, 7, 9, 3, 8});  // dense 1, 2, 2, 3, 4, 5
  world.files = {World::file("raw", "valid", {"30_raw_valid"}, {{1, 2}}),
                 World::file("raw", "test", {"30_raw_test"}, {{3, 4}})};
  const auto seen = [&world](const std::string& split, int32_t target) {
    const std::vector<Utterance> said = {say("30_raw_" + split, 30, {7, 9}, target)};
    EmSources sources{&world.interactions, &world.items, world.files};
    sources.split = split;
    return make_em_examples(said, sources).seen;
  };
  CHECK(seen("valid", 3).items == std::vector<int32_t>{1, 2, 3});
  CHECK(seen("test", 8).items == std::vector<int32_t>{1, 2, 3, 4});
  CHECK(seen("test", 8).size() == 1);
}

TEST_CASE("the embeddings of one file in its order are a view of it") {
  const World world;
  const EmExamples examples = world.examples({say("20_raw_raw", 20, {7}, 3), say("10_raw_raw", 10, {5, 7}, 9)});
  CHECK(examples.embeddings.all().data_ptr() == world.files[0].table.embeddings.data_ptr());
}

TEST_CASE("embeddings of several tasks are averaged, those of several keys joined") {
  World world;
  world.files.push_back(World::file("Emotion", "raw", {"10_raw_raw", "20_raw_raw"}, {{5, 0}, {3, 0}}));
  world.files.push_back(World::file("raw", "1755", {"10_selection_1755"}, {{8, 8}}));
  world.files.push_back(World::file("Emotion", "1755", {"10_selection_1755"}, {{0, 2}}));
  const EmExamples examples = world.examples(
      {say("10_raw_raw", 10, {5}, 9), say("10_selection_1755", 10, {5}, 7), say("20_raw_raw", 20, {7}, 3)});
  CHECK(difference(examples.embeddings.all(), at::tensor({4.f, 2.f, 4.f, 5.f, 2.f, 1.f}).view({3, 2}), kExact) == "");
}

TEST_CASE("a half-precision file stays as it is") {
  World world;
  world.files[0].table.embeddings = world.files[0].table.embeddings.to(at::kHalf);
  const EmExamples examples = world.examples({say("10_raw_raw", 10, {5}, 9), say("20_raw_raw", 20, {7}, 3)});
  CHECK(examples.embeddings.scalar_type() == at::kHalf);
  CHECK(difference(examples.embeddings.all(), at::tensor({3.f, 4.f, 1.f, 2.f}).view({2, 2}), kExact) == "");
}

TEST_CASE("an utterance without a reply is a flagged example, or none") {
  World world;
  world.files[0].table = {{"20_raw_raw"}, at::tensor({1.f, 2.f}).view({1, 2})};
  const std::vector<Utterance> utterances = {say("10_raw_raw", 10, {5}, 9, ""), say("20_raw_raw", 20, {7}, 3)};

  const EmExamples kept = world.examples(utterances);
  REQUIRE(kept.size() == 2);
  CHECK(kept.has_text == std::vector<uint8_t>{0, 1});
  CHECK(difference(kept.embeddings.all(), at::tensor({0.f, 0.f, 1.f, 2.f}).view({2, 2}), kExact) == "");

  const EmExamples left = world.examples(utterances, MissingReplies::leave_out);
  REQUIRE(left.size() == 1);
  CHECK(left.left_out == 1);
  CHECK(left.customer_ids == std::vector<std::string>{"20_raw_raw"});
}

TEST_CASE("what does not fit together is counted and named") {
  World world;
  CHECK_THROWS_WITH(
      world.examples({say("10_raw_raw", 10, {5}, 9), say("30_raw_raw", 30, {5}, 9), say("31_raw_raw", 31, {}, 9)}),
      Contains("2 of 3 name a user") && Contains("30_raw_raw"));
  CHECK_THROWS_WITH(world.examples({say("10_raw_raw", 10, {5, 4}, 9)}),
                    Contains("1 of 1 name an item") && Contains("10_raw_raw"));
  CHECK_THROWS_WITH(world.examples({say("10_raw_raw", 10, {5}, 99)}), Contains("1 of 1 name an item"));
  CHECK_THROWS_WITH(world.examples({say("10_raw_raw", 10, {5}, 9), say("10_raw_raw", 10, {5}, 9)}), Contains("repeat"));
  CHECK_THROWS_WITH(world.examples({say("10_raw_7702", 10, {5}, 9)}), Contains("raw_7702.pt"));
  CHECK_THROWS_WITH(world.examples({say("10_x_raw", 10, {5}, 9)}), Contains("10_x_raw"));  // no row of the file
  CHECK_THROWS_WITH(world.examples({say("10_raw_raw", 10, {5}, 9, "")}, MissingReplies::leave_out),
                    Contains("none of 1"));
  world.files.push_back(World::file("raw", "1755", {"10_selection_1755"}, {{8, 8, 8}}));
  CHECK_THROWS_WITH(world.examples({say("10_raw_raw", 10, {5}, 9)}), Contains("width 3") && Contains("width 2"));
}

TEST_CASE("utterances about another history or target than the dataset's are counted, and their file is named") {
  const World world;
  const std::vector<SplitRecord> records = {{"10_raw_raw", 10, {5, 7}, 9}, {"20_raw_raw", 20, {7}, 3}};
  const auto examples = [&](const std::vector<Utterance>& utterances) {
    return make_em_examples(utterances, {.interactions = &world.interactions,
                                         .items = &world.items,
                                         .embeddings = world.files,
                                         .records = records,
                                         .path = "folder/u.jsonl"});
  };
  CHECK(examples({say("20_raw_raw", 20, {7}, 3)}).size() == 1);
  CHECK_THROWS_WITH(examples({say("10_raw_raw", 10, {5, 7}, 9), say("20_raw_raw", 20, {7}, 8)}),
                    Contains("folder/u.jsonl: 1 of 2 have another history or target than the dataset's split (first: "
                             "20_raw_raw)"));
  CHECK_THROWS_WITH(
      examples({say("10_raw_raw", 10, {7}, 9), say("20_raw_raw", 20, {3}, 3)}),
      Contains("2 of 2 have another history") && Contains("first: 10_raw_raw") && Contains("datasets.max_history"));
  CHECK_THROWS_WITH(examples({say("10_raw_7702", 10, {5, 7}, 9)}), Contains("1 of 1 are no record"));
  CHECK_THROWS_WITH(examples({say("10_raw_raw", 10, {5, 99}, 9)}),
                    Contains("folder/u.jsonl: 1 of 1 name an item") && Contains("(first: 10_raw_raw, item 99)"));
}
