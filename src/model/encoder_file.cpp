// <model>_config.json: the encoder's sizes beside its weights, in the published spelling.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "latentcrs/model/sasrec.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/files.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, Activation>, 3> kActivations = {
    {{"gelu", Activation::gelu}, {"relu", Activation::relu}, {"swish", Activation::swish}}};

Activation activation_of(const std::string& name, const std::filesystem::path& path) {
  for (const auto& [known, value] : kActivations)
    if (name == known) return value;
  throw data_error(fmt::format("{}: hidden_act is '{}', expected gelu, relu or swish", path.string(), name));
}

}  // namespace

std::string_view to_string(Activation activation) {
  for (const auto& [name, value] : kActivations)
    if (value == activation) return name;
  throw internal_error("unknown activation");
}

EncoderFile read_encoder_config(const std::filesystem::path& path) {
  const std::string text = read_file(path);
  EncoderFile encoder;
  EncoderOptions& o = encoder.options;
  std::string activation;
  try {
    const json file = json::parse(text);
    file.at("item_size").get_to(encoder.item_size);
    file.at("hidden_size").get_to(o.hidden_size);
    file.at("num_hidden_layers").get_to(o.num_hidden_layers);
    file.at("num_attention_heads").get_to(o.num_attention_heads);
    file.at("max_seq_length").get_to(o.max_seq_length);
    file.at("hidden_act").get_to(activation);
    file.at("hidden_dropout_prob").get_to(o.hidden_dropout_prob);
    file.at("attention_probs_dropout_prob").get_to(o.attention_probs_dropout_prob);
    file.at("initializer_range").get_to(o.initializer_range);
  } catch (const json::exception& e) {
    throw data_error(fmt::format("{}: not an encoder configuration: {}", path.string(), e.what()));
  }
  o.hidden_act = activation_of(activation, path);
  if (encoder.item_size < 2 || o.hidden_size < 1 || o.num_hidden_layers < 1 || o.num_attention_heads < 1 ||
      o.max_seq_length < 1)
    throw data_error(fmt::format("{}: item_size must be at least 2 and the other sizes at least 1", path.string()));
  return encoder;
}

void write_encoder_config(const EncoderFile& encoder, const std::filesystem::path& path) {
  const EncoderOptions& o = encoder.options;
  const nlohmann::ordered_json file = {{"item_size", encoder.item_size},
                                       {"hidden_size", o.hidden_size},
                                       {"max_seq_length", o.max_seq_length},
                                       {"num_attention_heads", o.num_attention_heads},
                                       {"num_hidden_layers", o.num_hidden_layers},
                                       {"hidden_act", to_string(o.hidden_act)},
                                       {"hidden_dropout_prob", o.hidden_dropout_prob},
                                       {"attention_probs_dropout_prob", o.attention_probs_dropout_prob},
                                       {"initializer_range", o.initializer_range}};
  write_file_atomically(path, file.dump(2) + "\n");
}

}  // namespace latentcrs
