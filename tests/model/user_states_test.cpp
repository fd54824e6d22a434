#include "recommender/model/user_states.h"

#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>

#include "support/tensors.h"

using namespace latentcrs;
using namespace latentcrs::test;

namespace {

SasRec small_encoder() {
  return SasRec(
      10, EncoderOptions{.hidden_size = 8, .num_hidden_layers = 2, .num_attention_heads = 2, .max_seq_length = 5}, 1);
}

Histories histories(const std::vector<std::vector<int32_t>>& users) {
  Histories all;
  for (const auto& user : users) all.add(user);
  return all;
}

at::Tensor state_of(const SasRec& encoder, const std::vector<int64_t>& padded, int64_t first_position) {
  const at::NoGradGuard no_grad;
  Dropout off = Dropout::off();
  const at::Tensor ids = at::tensor(padded, at::kLong).unsqueeze(0);
  return SasRec(encoder)->forward(ids, off, first_position).select(1, -1);
}

}  // namespace

TEST_CASE("states from the right are those of pretraining, whoever shares the batch") {
  const SasRec encoder = small_encoder();
  const Histories users = histories({{1, 2, 3}, {4}, {9, 8, 7, 6, 5, 4, 3}});
  const UserSequences sequences(users, 5, Positions::from_right, c10::kCPU);
  for (const int64_t block : {1, 2, 3}) {
    const at::Tensor states = sequences.last_states(encoder, block);
    REQUIRE(states.size(0) == 3);
    CHECK(difference(states.slice(0, 0, 1), state_of(encoder, {0, 0, 1, 2, 3}, 0)) == "");
    CHECK(difference(states.slice(0, 1, 2), state_of(encoder, {4}, 4)) == "");
    CHECK(difference(states.slice(0, 2, 3), state_of(encoder, {7, 6, 5, 4, 3}, 0)) == "");  // the last five items
  }
}

TEST_CASE("published states count positions from the longest history of the batch") {
  const SasRec encoder = small_encoder();
  const UserSequences sequences(histories({{1, 2, 3}, {4}, {9, 8, 7, 6}}), 5, Positions::batch_width, c10::kCPU);
  const at::Tensor states = sequences.last_states(encoder, 2);
  CHECK(difference(states.slice(0, 0, 1), state_of(encoder, {1, 2, 3}, 0)) == "");
  CHECK(difference(states.slice(0, 1, 2), state_of(encoder, {0, 0, 4}, 0)) == "");
  CHECK(difference(states.slice(0, 2, 3), state_of(encoder, {9, 8, 7, 6}, 0)) == "");
}

TEST_CASE("an empty history has the state of an empty pretraining input") {
  const SasRec encoder = small_encoder();
  const UserSequences sequences(histories({{}, {4}}), 5, Positions::from_right, c10::kCPU);
  const at::Tensor states = sequences.last_states(encoder, 2);
  CHECK(difference(states.slice(0, 0, 1), state_of(encoder, {0, 0, 0, 0, 0}, 0)) == "");
  CHECK(difference(states.slice(0, 1, 2), state_of(encoder, {4}, 4)) == "");
}
