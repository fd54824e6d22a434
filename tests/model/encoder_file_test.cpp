#include "recommender/model/encoder_file.h"

#include <catch2/catch.hpp>

#include "support/temp_dir.h"

using namespace latentcrs;
using Catch::Contains;

namespace {

const EncoderOptions kSmall{.hidden_size = 16, .max_seq_length = 8, .initializer_range = 0.2};

}  // namespace

TEST_CASE("an encoder config is read as it was written", "[encoder_file]") {
  const test::TempDir folder;
  EncoderFile file{.item_size = 123, .options = kSmall};
  file.options.hidden_act = Activation::swish;
  file.options.attention_probs_dropout_prob = 0.25;
  write_encoder_config(file, folder / "a.json");
  const EncoderFile read = read_encoder_config(folder / "a.json");
  CHECK(read.item_size == 123);
  CHECK(read.options.hidden_size == 16);
  CHECK(read.options.num_hidden_layers == 2);
  CHECK(read.options.num_attention_heads == 2);
  CHECK(read.options.max_seq_length == 8);
  CHECK(read.options.hidden_act == Activation::swish);
  CHECK(read.options.hidden_dropout_prob == 0.5);
  CHECK(read.options.attention_probs_dropout_prob == 0.25);
  CHECK(read.options.initializer_range == 0.2);

  test::write_text(folder / "b.json", R"({"item_size": 5, "hidden_size": 4})");
  CHECK_THROWS_WITH(read_encoder_config(folder / "b.json"), Contains("b.json") && Contains("num_hidden_layers"));
  std::string text = test::read_text(folder / "a.json");
  text.replace(text.find("swish"), 5, "tanh");
  test::write_text(folder / "c.json", text);
  CHECK_THROWS_WITH(read_encoder_config(folder / "c.json"), Contains("c.json") && Contains("tanh"));
}

TEST_CASE("an encoder configuration is checked like the settings it stands for", "[encoder_file]") {
  const test::TempDir folder;
  write_encoder_config({.item_size = 123, .options = kSmall}, folder / "x_config.json");
  const std::string text = test::read_text(folder / "x_config.json");
  const auto with = [&](const std::string& key, const std::string& value) {
    std::string changed = text;
    const size_t begin = changed.find("\"" + key + "\": ") + key.size() + 4;
    changed.replace(begin, changed.find_first_of(",\n", begin) - begin, value);
    test::write_text(folder / "x_config.json", changed);
    return read_encoder_config(folder / "x_config.json");
  };
  CHECK(with("hidden_dropout_prob", "0").options.hidden_dropout_prob == 0);
  const auto refused = [&](const std::string& key, const std::string& value, const std::string& reason) {
    CHECK_THROWS_WITH(with(key, value), Contains("x_config.json: " + key + " " + reason));
  };
  refused("hidden_dropout_prob", "1.5", "must lie in [0, 1), got 1.5");
  refused("attention_probs_dropout_prob", "1", "must lie in [0, 1), got 1");
  refused("attention_probs_dropout_prob", "-0.1", "must lie in [0, 1), got -0.1");
  refused("hidden_dropout_prob", "\"0.5\"", "must be a number, got \"0.5\"");
  refused("hidden_dropout_prob", "null", "must be a number, got null");
  refused("hidden_size", "16.5", "must be a whole number, got 16.5");
  refused("hidden_size", "true", "must be a whole number, got true");
  refused("hidden_size", "0", "must be >= 1, got 0");
  refused("hidden_size", "15", "cannot be divided among 2 attention heads, got 15");
  refused("hidden_size", "4294967312", "must lie in [1, 2147483647], got 4294967312");  // 2^32 + 16
  refused("num_attention_heads", "-2", "must be >= 1, got -2");
  refused("num_hidden_layers", "17", "must lie in [1, 16], got 17");
  refused("max_seq_length", "1", "must lie in [2, 1024], got 1");
  refused("initializer_range", "0", "must be > 0, got 0");
  refused("item_size", "1", "must be >= 2, got 1");
  refused("hidden_act", "3", "must be gelu, relu or swish, got 3");
  test::write_text(folder / "x_config.json", "[1]");
  CHECK_THROWS_WITH(read_encoder_config(folder / "x_config.json"), Contains("x_config.json: not an encoder config"));
}
