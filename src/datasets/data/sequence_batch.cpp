#include "datasets/data/sequence_batch.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/util/error.h"

namespace latentcrs {

namespace {

using Items = std::span<const int32_t>;

size_t window(Items sequence, double ratio) {
  return static_cast<size_t>(ratio * static_cast<double>(sequence.size()));
}

void append_row(Items items, size_t length, std::vector<int64_t>& rows) {
  const Items kept = items.last(std::min(items.size(), length));
  rows.insert(rows.end(), length - kept.size(), 0);
  rows.insert(rows.end(), kept.begin(), kept.end());
}

}  // namespace

std::vector<int32_t> crop_items(Items sequence, double ratio, Rng& rng) {
  const size_t w = window(sequence, ratio);
  if (sequence.size() <= w + 1) return {sequence.begin(), sequence.end()};
  const Items kept = sequence.subspan(rng.below(sequence.size() - w), std::max<size_t>(w, 1));
  return {kept.begin(), kept.end()};
}

std::vector<int32_t> mask_items(Items sequence, double ratio, Rng& rng) {
  std::vector<int32_t> view(sequence.begin(), sequence.end());
  std::vector<size_t> positions(view.size());
  std::iota(positions.begin(), positions.end(), size_t{0});
  for (size_t i = 0, w = window(sequence, ratio); i < w; ++i) {
    std::swap(positions[i], positions[i + rng.below(positions.size() - i)]);
    view[positions[i]] = 0;
  }
  return view;
}

std::vector<int32_t> reorder_items(Items sequence, double ratio, Rng& rng) {
  std::vector<int32_t> view(sequence.begin(), sequence.end());
  const size_t w = window(sequence, ratio);
  if (view.size() <= w + 1) return view;
  const std::span<int32_t> part = std::span(view).subspan(rng.below(view.size() - w), w);
  for (size_t i = w; i > 1; --i) std::swap(part[i - 1], part[rng.below(i)]);
  return view;
}

std::vector<int32_t> with_noise(Items sequence, double ratio, int64_t item_size, Rng& rng) {
  const size_t draws = window(sequence, ratio);
  if (draws == 0) return {sequence.begin(), sequence.end()};
  const std::unordered_set<int32_t> own(sequence.begin(), sequence.end());
  const auto items = static_cast<uint64_t>(item_size - 2);
  if (own.size() >= items)
    throw data_error(fmt::format("a user has all {} items, so noise_ratio={} finds none to insert", items, ratio));

  std::vector<bool> drawn(sequence.size());
  for (size_t i = 0; i < draws; ++i) drawn[rng.below(sequence.size())] = true;
  const auto foreign_item = [&] {
    int32_t item;
    do item = static_cast<int32_t>(1 + rng.below(items));
    while (own.contains(item));
    return item;
  };
  std::vector<int32_t> noisy;
  for (size_t i = 0; i < sequence.size(); ++i) {
    if (drawn[i]) noisy.push_back(foreign_item());
    noisy.push_back(sequence[i]);
  }
  return noisy;
}

SequenceBatcher::SequenceBatcher(const Interactions& interactions, const PretrainOptions& options,
                                 const CompatOptions& compat, uint64_t seed, NegativePlan negatives)
    : interactions_(interactions),
      options_(options),
      label_from_validation_(compat.denoise_label_from_validation),
      seed_(seed),
      item_size_(int64_t{interactions.max_item_id()} + 2),
      train_users_(users_to_train(interactions)),
      valid_(targets_of(interactions, Split::valid)),
      test_(targets_of(interactions, Split::test)),
      items_(interactions.distinct_items()),
      negatives_(interactions, items_, std::move(negatives), seed) {
  train_users_.resize(static_cast<size_t>(static_cast<double>(train_users_.size()) * options.training_data_ratio));
  if (train_users_.empty())
    throw config_error(fmt::format("training_data_ratio={} of {} users leaves nobody to train on; raise it",
                                   options.training_data_ratio, interactions.num_users()));
}

std::vector<int64_t> SequenceBatcher::order(int epoch) const {
  std::vector<int64_t> users = train_users_;
  Rng(derive_seed(seed_, "pretrain.order", {static_cast<uint64_t>(epoch)})).shuffle(users);
  return users;
}

TrainingBatch SequenceBatcher::training_batch(std::span<const int64_t> users, int epoch, int64_t step, int views) {
  const auto length = static_cast<size_t>(options_.encoder.max_seq_length);
  TrainingBatch batch;
  batch.users = static_cast<int64_t>(users.size());
  batch.length = options_.encoder.max_seq_length;
  batch.ids.reserve(users.size() * length * static_cast<size_t>(1 + views));
  if (negatives_.plan().per_position())
    batch.negatives.reserve(users.size() * length * static_cast<size_t>(negatives_.plan().count));
  for (int64_t user : users) {
    const std::vector<int32_t> items = training_items(user, epoch);
    const Items input = Items(items).first(items.size() - 1);
    append_row(input, length, batch.ids);
    const Items next = Items(items).subspan(1), targets = next.last(std::min(next.size(), length));
    append_row(targets, length, batch.positive);
    if (negatives_.plan().per_position()) negatives_.append_of_user(user, targets, epoch, batch.negatives);
    if (options_.de_noise) batch.labels.push_back(label_of(user));
  }
  if (negatives_.plan().per_position()) batch.negatives_each = negatives_.plan().count;
  if (negatives_.plan().per_batch()) batch.negatives = negatives_.of_batch(epoch, step);
  for (int i = 0; i < views; ++i)
    for (int64_t user : users) append_row(view(user, epoch, i), length, batch.ids);
  return batch;
}

/// The items that the user is trained on, the last one of which is a target only.
std::vector<int32_t> SequenceBatcher::training_items(int64_t user, int epoch) const {
  const Items trained = interactions_.training(user);
  std::vector<int32_t> items(trained.begin(), trained.end());
  if (options_.random_order)
    Rng(derive_seed(seed_, "pretrain.random_order", {static_cast<uint64_t>(epoch), static_cast<uint64_t>(user)}))
        .shuffle(items);
  return items;
}

/// The published label is the validation item, a leak; ours is the last item trained on.
int64_t SequenceBatcher::label_of(int64_t user) const {
  const Items sequence = interactions_.sequence(user);
  const auto trained = static_cast<size_t>(interactions_.parts_of(user).train);
  return sequence[label_from_validation_ ? std::min(trained, sequence.size() - 1) : trained - 1];
}

std::vector<int32_t> SequenceBatcher::view(int64_t user, int epoch, int index) const {
  const Items input = train_input(interactions_, user);
  Rng rng(derive_seed(seed_, "pretrain.view",
                      {static_cast<uint64_t>(epoch), static_cast<uint64_t>(user), static_cast<uint64_t>(index)}));
  Augmentation kind = options_.augment_type;
  if (kind == Augmentation::random) {
    constexpr Augmentation kinds[] = {Augmentation::crop, Augmentation::mask, Augmentation::reorder};
    kind = kinds[rng.below(3)];
  }
  if (kind == Augmentation::crop) return crop_items(input, options_.tao, rng);
  if (kind == Augmentation::mask) return mask_items(input, options_.gamma, rng);
  return reorder_items(input, options_.beta, rng);
}

std::vector<int64_t> SequenceBatcher::inputs(int64_t first, int64_t count, Split split) const {
  const auto length = static_cast<size_t>(options_.encoder.max_seq_length);
  std::vector<int64_t> rows;
  rows.reserve(static_cast<size_t>(count) * length);
  for (auto i = static_cast<size_t>(first); i < static_cast<size_t>(first + count); ++i) {
    if (split == Split::train)
      append_row(train_input(interactions_, train_users_[i]), length, rows);
    else if (split == Split::valid || options_.noise_ratio == 0.0)
      append_row(items_before(interactions_, targets(split)[i]), length, rows);
    else
      append_row(noisy_input(test_[i]), length, rows);
  }
  return rows;
}

/// The noise may stand before the target too, so it is drawn for the sequence that ends with the target.
std::vector<int32_t> SequenceBatcher::noisy_input(const Target& target) const {
  const Items sequence = interactions_.sequence(target.user).first(static_cast<size_t>(target.position) + 1);
  Rng rng(derive_seed(seed_, "pretrain.noise", {static_cast<uint64_t>(target.user)}));
  std::vector<int32_t> noisy = with_noise(sequence, options_.noise_ratio, item_size_, rng);
  noisy.pop_back();
  return noisy;
}

}  // namespace latentcrs
