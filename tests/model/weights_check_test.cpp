#include "recommender/model/weights_check.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>

using namespace latentcrs;
using Catch::Matchers::Contains;

TEST_CASE("weights beside those of the model are refused, a few of them by name", "[weights]") {
  CHECK_NOTHROW(require_no_more_weights({}, "x.pt"));
  CHECK_THROWS_WITH(require_no_more_weights({"layer.1.weight", "scale"}, "x.pt"),
                    Contains("x.pt: holds weights that this model has not: layer.1.weight, scale; set the sizes"));
  const std::vector<std::string> many = {"a", "b", "c", "d", "e", "f", "g", "h"};
  CHECK_THROWS_WITH(require_no_more_weights(many, "x.pt"), Contains("a, b, c, d, e, f and 2 others; set"));
}

TEST_CASE("an item table has the rows that its configuration says", "[weights]") {
  const StateDict encoder = {{"item_embeddings.weight", at::zeros({5, 2})}};
  CHECK_NOTHROW(require_item_size(encoder, "x.pt", 5, "x_config.json"));
  CHECK_THROWS_WITH(require_item_size(encoder, "x.pt", 6, "x_config.json"),
                    Contains("x_config.json: item_size is 6, but item_embeddings.weight in x.pt has 5 rows"));
}
