#include "datasets/data/sequence_batch.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "base/util/error.h"

using namespace latentcrs;
using Catch::Contains;
using Items = std::vector<int32_t>;
using Row = std::vector<int64_t>;

namespace {

const Items kTen = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

/// Users 0, 1, 2 with 6, 4 and 3 items; max item id 9, so item_size 11.
Interactions three_users() {
  Interactions interactions;
  interactions.add_user(1, Items{1, 2, 3, 4, 5, 6});
  interactions.add_user(2, Items{7, 8, 9, 1});
  interactions.add_user(3, Items{2, 4, 6});
  return interactions;
}

PretrainOptions length(int max_seq_length) {
  PretrainOptions options;
  options.encoder.max_seq_length = max_seq_length;
  return options;
}

Row row(const std::vector<int64_t>& rows, size_t index, size_t width) {
  return {rows.begin() + static_cast<ptrdiff_t>(index * width),
          rows.begin() + static_cast<ptrdiff_t>((index + 1) * width)};
}

}  // namespace

TEST_CASE("the splits leave out the last items", "[sequence_batch]") {
  Interactions interactions;
  interactions.add_user(7, Items{1, 2, 3, 4, 5});
  CHECK(train_input(interactions, 0).size() == 2);
  const Target valid = targets_of(interactions, Split::valid).at(0), test = targets_of(interactions, Split::test).at(0);
  CHECK(items_before(interactions, valid).size() == 3);
  CHECK(items_before(interactions, test).size() == 4);
  CHECK(item_of(interactions, valid) == 4);
  CHECK(item_of(interactions, test) == 5);
}

TEST_CASE("training rows are padded on the left and keep the last items", "[sequence_batch]") {
  const Interactions interactions = three_users();
  PretrainOptions options = length(2);
  options.de_noise = true;
  SequenceBatcher batcher(interactions, options, {}, 1);
  CHECK(batcher.item_size() == 11);
  const TrainingBatch batch = batcher.training_batch(std::vector<int64_t>{0, 1, 2}, 1, 0, 0);
  CHECK(batch.ids == Row{2, 3, 0, 7, 0, 0});
  CHECK(batch.positive == Row{3, 4, 0, 8, 0, 0});
  CHECK(batch.labels == Row{4, 8, 2});
  CHECK(batcher.inputs(0, 3, Split::train) == Row{2, 3, 0, 7, 0, 0});
  CHECK(batcher.inputs(0, 3, Split::valid) == Row{3, 4, 7, 8, 0, 2});
  CHECK(batcher.inputs(1, 2, Split::test) == Row{8, 9, 2, 4});
}

TEST_CASE("a random order is drawn for each epoch and user, over all items trained on", "[sequence_batch]") {
  Interactions interactions;
  interactions.add_user(1, Items{1, 2, 3, 4, 5, 6});  // 1 to 4 are trained on
  interactions.add_user(2, Items{7, 8, 9, 1, 2});
  PretrainOptions options = length(3);
  options.random_order = true;
  SequenceBatcher batcher(interactions, options, {}, 1);
  std::set<Row> orders;
  for (int epoch = 1; epoch <= 200; ++epoch) {
    const TrainingBatch both = batcher.training_batch(std::vector<int64_t>{1, 0}, epoch, 0, 0);
    const TrainingBatch one = batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 0);
    CHECK(row(both.ids, 1, 3) == one.ids);
    CHECK(Row(one.ids.begin() + 1, one.ids.end()) == Row(one.positive.begin(), one.positive.end() - 1));
    Row order = one.ids;
    order.push_back(one.positive.back());
    orders.insert(order);
    std::sort(order.begin(), order.end());
    CHECK(order == Row{1, 2, 3, 4});
  }
  CHECK(orders.size() == 24);
  CHECK(batcher.inputs(0, 1, Split::valid) == Row{2, 3, 4});  // evaluation takes the items as they are
}

TEST_CASE("a row in random order may have any of the user's items", "[sequence_batch]") {
  const Interactions interactions = three_users();
  PretrainOptions options = length(2);
  options.random_order = true;
  SequenceBatcher batcher(interactions, options, {}, 1);
  std::set<int64_t> seen;
  for (int epoch = 1; epoch <= 100; ++epoch) {
    const TrainingBatch batch = batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 0);
    seen.insert(batch.ids.begin(), batch.ids.end());
  }
  CHECK(seen == std::set<int64_t>{1, 2, 3, 4});
}

TEST_CASE("the published de-noise label is the validation item", "[sequence_batch]") {
  const Interactions interactions = three_users();
  CompatOptions compat;
  compat.denoise_label_from_validation = true;
  PretrainOptions options = length(2);
  options.de_noise = true;
  SequenceBatcher batcher(interactions, options, compat, 1);
  CHECK(batcher.training_batch(std::vector<int64_t>{0, 1, 2}, 1, 0, 0).labels == Row{5, 9, 4});
  CHECK(SequenceBatcher(interactions, length(2), compat, 1)
            .training_batch(std::vector<int64_t>{0}, 1, 0, 0)
            .labels.empty());
}

TEST_CASE("batches do not depend on grouping, and every epoch draws anew", "[sequence_batch]") {
  const Interactions interactions = three_users();
  const NegativePlan plan = {NegativeSource::unseen_rows, 2};
  SequenceBatcher batcher(interactions, length(3), {}, 1, plan), other(interactions, length(3), {}, 2, plan);
  const TrainingBatch all = batcher.training_batch(std::vector<int64_t>{2, 1, 0}, 5, 0, 2);
  const TrainingBatch one = batcher.training_batch(std::vector<int64_t>{0}, 5, 0, 2);
  REQUIRE(all.ids.size() == 3 * 3 * 3);
  // 3, 1 and 0 positions, the user with most of them last.
  CHECK(all.negatives_each == 2);
  REQUIRE(all.negatives.size() == 2 * 4);
  CHECK(Items(all.negatives.begin() + 2, all.negatives.end()) == one.negatives);
  CHECK(row(all.ids, 2, 3) == row(one.ids, 0, 3));  // train input, first view, second view
  CHECK(row(all.ids, 5, 3) == row(one.ids, 1, 3));
  CHECK(row(all.ids, 8, 3) == row(one.ids, 2, 3));

  std::set<Items> negatives;
  std::set<Row> views;
  for (int epoch = 1; epoch <= 20; ++epoch) {
    negatives.insert(batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 2).negatives);
    views.insert(batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 2).ids);
    views.insert(other.training_batch(std::vector<int64_t>{0}, epoch, 0, 2).ids);
  }
  CHECK(negatives.size() > 10);
  CHECK(views.size() > 5);

  std::vector<int64_t> order = batcher.order(1);
  CHECK(order == batcher.order(1));
  std::set<std::vector<int64_t>> orders;
  for (int epoch = 1; epoch <= 50; ++epoch) orders.insert(batcher.order(epoch));
  CHECK(orders.size() == 6);  // all permutations of three users
}

TEST_CASE("batches carry the negatives of their plan", "[sequence_batch]") {
  const Interactions interactions = three_users();
  const auto batch = [&](const NegativePlan& plan) {
    return SequenceBatcher(interactions, length(3), {}, 1, plan).training_batch(std::vector<int64_t>{0, 1}, 1, 0, 0);
  };
  const TrainingBatch none = batch({}), shared = batch({NegativeSource::items, 5});
  CHECK((none.negatives.empty() && none.negatives_each == 0));
  CHECK((shared.negatives.size() == 5 && shared.negatives_each == 0));
  CHECK(shared.positive == none.positive);
  const TrainingBatch own = batch({NegativeSource::other_items, 5});  // 4 positions
  CHECK((own.negatives.size() == 20 && own.negatives_each == 5));
}

TEST_CASE("a crop is a window that never reaches the last item", "[sequence_batch]") {
  Rng rng(1);
  std::set<Items> seen;
  for (int i = 0; i < 500; ++i) seen.insert(crop_items(kTen, 0.25, rng));
  std::set<Items> expected;
  for (int32_t first = 1; first <= 8; ++first) expected.insert({first, first + 1});  // w = 2, starts 0..7
  CHECK(seen == expected);

  seen.clear();
  for (int i = 0; i < 200; ++i) seen.insert(crop_items(Items{5, 6, 7}, 0.2, rng));  // w = 0: one item
  CHECK(seen == std::set<Items>{{5}, {6}, {7}});
  CHECK(crop_items(Items{5}, 0.2, rng) == Items{5});              // n - w - 1 = 0
  CHECK(crop_items(Items{5, 6, 7}, 0.7, rng) == Items{5, 6, 7});  // w = 2
  CHECK(crop_items(Items{}, 0.2, rng).empty());
}

TEST_CASE("a mask blanks floor(gamma n) positions, all alike", "[sequence_batch]") {
  Rng rng(1);
  std::vector<int> blanked(10);
  for (int i = 0; i < 2000; ++i) {
    const Items view = mask_items(kTen, 0.7, rng);
    REQUIRE(view.size() == 10);
    int zeros = 0;
    for (size_t j = 0; j < 10; ++j) {
      CHECK((view[j] == 0 || view[j] == kTen[j]));
      zeros += view[j] == 0;
      blanked[j] += view[j] == 0;
    }
    CHECK(zeros == 7);
  }
  for (int count : blanked) CHECK(count == Approx(1400).margin(105));  // 5 standard deviations
}

TEST_CASE("a reorder shuffles one window", "[sequence_batch]") {
  Rng rng(1);
  std::set<Items> seen;
  for (int i = 0; i < 3000; ++i) {
    const Items view = reorder_items(kTen, 0.3, rng);
    CHECK(std::is_permutation(view.begin(), view.end(), kTen.begin()));
    const auto first = std::mismatch(view.begin(), view.end(), kTen.begin()).first - view.begin();
    const auto last = std::mismatch(view.rbegin(), view.rend(), kTen.rbegin()).first - view.rbegin();
    CHECK((view == kTen || 10 - last - first <= 3));
    CHECK(view.back() == 10);  // as published
    seen.insert(view);
  }
  // Starts 0..6 of windows of 3: identity, 8 swaps of neighbours, 7 of ends, 7 * 2 rotations.
  CHECK(seen.size() == 1 + 8 + 7 + 14);
  CHECK(reorder_items(Items{5, 6}, 0.5, rng) == Items{5, 6});
}

TEST_CASE("random augmentation chooses among the three", "[sequence_batch]") {
  Interactions interactions;
  Items sequence(23);
  std::iota(sequence.begin(), sequence.end(), 1);
  interactions.add_user(1, sequence);  // train input 1..20: crop 4 items, mask 14, reorder 4
  SequenceBatcher batcher(interactions, length(20), {}, 1);
  int crops = 0, masks = 0, reorders = 0;
  for (int epoch = 0; epoch < 1500; ++epoch) {
    const TrainingBatch batch = batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 2);
    for (size_t view : {1, 2}) {
      const Row ids = row(batch.ids, view, 20);
      const auto zeros = std::count(ids.begin(), ids.end(), 0);
      crops += zeros == 16;
      masks += zeros == 14;
      reorders += zeros == 0;
    }
  }
  CHECK(crops + masks + reorders == 3000);
  for (int count : {crops, masks, reorders}) CHECK(count == Approx(1000).margin(130));  // 5 standard deviations
}

TEST_CASE("an augmentation that is named is the only one, at its own ratio", "[sequence_batch]") {
  Interactions interactions;
  Items sequence(23);
  std::iota(sequence.begin(), sequence.end(), 1);
  interactions.add_user(1, sequence);  // train input 1..20
  PretrainOptions options = length(20);
  options.tao = 0.3;
  options.gamma = 0.4;
  options.beta = 0.5;
  const Row input = SequenceBatcher(interactions, options, {}, 1).inputs(0, 1, Split::train);
  const auto check = [&](Augmentation type, const std::function<bool(const Row&)>& is_of_type) {
    options.augment_type = type;
    SequenceBatcher batcher(interactions, options, {}, 1);
    std::set<Row> seen;
    for (int epoch = 0; epoch < 30; ++epoch) {
      const TrainingBatch batch = batcher.training_batch(std::vector<int64_t>{0}, epoch, 0, 3);
      for (size_t view : {1, 2, 3}) {
        const Row ids = row(batch.ids, view, 20);
        CHECK(is_of_type(ids));
        seen.insert(ids);
      }
    }
    CHECK(seen.size() > 5);
  };
  const auto zeros = [](const Row& ids) { return std::count(ids.begin(), ids.end(), 0); };
  const auto changed = [&](const Row& ids) {
    int count = 0;
    for (size_t i = 0; i < ids.size(); ++i) count += ids[i] != input[i];
    return count;
  };
  check(Augmentation::crop, [&](const Row& ids) {  // six neighbours at the right end
    return zeros(ids) == 14 && ids[19] == ids[14] + 5;
  });
  check(Augmentation::mask, [&](const Row& ids) { return zeros(ids) == 8 && changed(ids) == 8; });
  check(Augmentation::reorder, [&](const Row& ids) {
    return changed(ids) > 0 && changed(ids) <= 10 && std::is_permutation(ids.begin(), ids.end(), input.begin());
  });
}

TEST_CASE("noise goes before items of the test input and is foreign to the sequence", "[sequence_batch]") {
  Rng rng(1);
  size_t most = 0;
  for (int i = 0; i < 200; ++i) {
    const Items noisy = with_noise(kTen, 0.3, 16, rng);  // three draws, items 11..14 are free
    CHECK(noisy.back() == 10);
    CHECK((noisy.size() >= 11 && noisy.size() <= 13));
    most = std::max(most, noisy.size());
    Items own;
    for (int32_t item : noisy) {
      CHECK((item >= 1 && item <= 14));
      if (item <= 10) own.push_back(item);
    }
    CHECK(own == kTen);
  }
  CHECK(most == 13);
  CHECK(with_noise(kTen, 0.05, 16, rng) == kTen);
  CHECK_THROWS_WITH(with_noise(kTen, 0.3, 12, rng), Contains("all 10 items"));

  const Interactions interactions = three_users();
  PretrainOptions options = length(6);
  options.noise_ratio = 0.4;
  SequenceBatcher noisy(interactions, options, {}, 1), clean(interactions, length(6), {}, 1);
  CHECK(noisy.inputs(0, 1, Split::test) != clean.inputs(0, 1, Split::test));
  CHECK(noisy.inputs(0, 1, Split::test) == noisy.inputs(0, 1, Split::test));
  CHECK(noisy.inputs(0, 1, Split::valid) == clean.inputs(0, 1, Split::valid));
}

TEST_CASE("training_data_ratio takes the first users", "[sequence_batch]") {
  const Interactions interactions = three_users();
  PretrainOptions options = length(2);
  options.training_data_ratio = 0.7;
  SequenceBatcher batcher(interactions, options, {}, 1);
  CHECK(batcher.num_train_users() == 2);
  std::vector<int64_t> order = batcher.order(1);
  std::sort(order.begin(), order.end());
  CHECK(order == std::vector<int64_t>{0, 1});
  options.training_data_ratio = 0.3;
  CHECK_THROWS_WITH(SequenceBatcher(interactions, options, {}, 1), Contains("training_data_ratio=0.3"));
}
