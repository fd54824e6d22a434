#include "datasets/setup/run_sizes.h"

#include <algorithm>
#include <bit>

namespace latentcrs {
namespace {

constexpr int64_t kSmall = 30'000, kMedium = 300'000;  // interactions

/// About sixteen users for each intent.
int clusters_for(int64_t users) {
  constexpr int64_t kUsersOfAnIntent = 16, kFewest = 2, kMost = 256;
  const auto wanted = static_cast<uint64_t>(std::clamp(users / kUsersOfAnIntent, kFewest, kMost));
  return static_cast<int>(std::bit_floor(wanted));
}

/// The next multiple of ten.
int sequence_length_for(double usual, int most) {
  const int tens = (static_cast<int>(usual) + 9) / 10 * 10;
  return std::clamp(tens, 10, most);
}

}  // namespace

RunSizes sizes_for(const KeptData& data) {
  RunSizes sizes{.pretrain_group = "tiny", .loss = "softmax", .contrast = "none"};
  sizes.clusters = clusters_for(data.users);
  sizes.max_seq_length = sequence_length_for(data.longest_usual, 50);
  if (data.interactions < kSmall) return sizes;
  constexpr int64_t kManyItems = 10'000;  // bench/crossing.py
  sizes.loss = data.items > kManyItems ? "sampled_softmax" : "softmax";
  sizes.hidden_size = 64;
  sizes.layers = 2;
  sizes.batch_size = 128;
  sizes.learning_rate = 0.002;
  sizes.epochs = 40;
  sizes.eval_every = 5;
  sizes.em_batch_size = 256;
  sizes.em_learning_rate = 0.001;
  sizes.em_epochs = 40;
  sizes.dialogue_users = 200;
  if (data.interactions < kMedium) return sizes;
  sizes.text_width = 256;
  sizes.dialogue_users = 500;
  return sizes;
}

}  // namespace latentcrs
