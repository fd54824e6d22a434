#include "recommender/model/parameters.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/variable.h>

#include <catch2/catch.hpp>

#include "recommender/model/sasrec.h"

using namespace latentcrs;
using Catch::Contains;

namespace {

const EncoderOptions kSmall{.hidden_size = 16, .max_seq_length = 8, .initializer_range = 0.2};

}  // namespace

TEST_CASE("load_parameters lists what does not fit and reports unknown names", "[parameters]") {
  SasRec model(20, kSmall, 5), other(20, kSmall, 6);
  StateDict state = parameters_of(*other);
  state.emplace_back("projection.weight", at::ones({2}));
  CHECK(load_parameters(*model, state, "x.pt") == std::vector<std::string>{"projection.weight"});
  CHECK(at::equal(model->item_table(), other->item_table()));

  state[0].second = at::ones({21, 16});
  state.erase(state.begin() + 1);
  CHECK_THROWS_WITH(load_parameters(*model, state, "x.pt"),
                    Contains("x.pt") && Contains("item_embeddings.weight is [21, 16], expected [20, 16]") &&
                        Contains("position_embeddings.weight is missing"));
}

TEST_CASE("parameters_of gives copies", "[parameters]") {
  SasRec model(20, kSmall, 5);
  const StateDict before = parameters_of(*model);
  model->item_table().detach().zero_();
  CHECK(before[0].second.abs().max().item<float>() > 0);
}

TEST_CASE("encoders are the same if every number is", "[parameters]") {
  SasRec one(20, kSmall, 5), copy(20, kSmall, 5), other(20, kSmall, 6), larger(21, kSmall, 5);
  CHECK(same_parameters(*one, *copy));
  CHECK_FALSE(same_parameters(*one, *other));
  CHECK_FALSE(same_parameters(*one, *larger));
  copy->item_table().detach()[3][0] += 1;
  CHECK_FALSE(same_parameters(*one, *copy));
}
