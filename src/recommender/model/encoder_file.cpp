#include "recommender/model/encoder_file.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/util/error.h"
#include "base/util/files.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr std::array<std::pair<const char*, Activation>, 3> kActivations = {
    {{"gelu", Activation::gelu}, {"relu", Activation::relu}, {"swish", Activation::swish}}};

/// The file's values, with the types and ranges of the settings in pretrain.encoder. All functions throw Error(data)
/// that names the file, the key and the value.
class ConfigFile {
 public:
  explicit ConfigFile(std::filesystem::path path) : path_(std::move(path)) {
    root_ = json::parse(read_file(path_), nullptr, /*allow_exceptions=*/false);
    if (!root_.is_object()) throw data_error(path_.string() + ": not an encoder configuration: no JSON object");
  }

  int64_t whole_number(const char* key, int64_t least, int64_t most) const {
    const json& value = at(key);
    if (!value.is_number_integer()) fail(key, "must be a whole number");
    // An unsigned number beyond 64 bits with sign becomes negative.
    if (const auto number = value.get<int64_t>(); number >= least && number <= most) return number;
    fail(key, most == INT32_MAX && value < least ? fmt::format("must be >= {}", least)
                                                 : fmt::format("must lie in [{}, {}]", least, most));
  }
  int size(const char* key, int64_t least, int64_t most) const {
    return static_cast<int>(whole_number(key, least, most));
  }
  double number(const char* key) const {
    if (!at(key).is_number()) fail(key, "must be a number");
    return at(key).get<double>();
  }
  double probability(const char* key) const {
    const double value = number(key);
    if (!(value >= 0 && value < 1)) fail(key, "must lie in [0, 1)");
    return value;
  }
  Activation activation(const char* key) const {
    for (const auto& [known, value] : kActivations)
      if (at(key) == known) return value;
    fail(key, "must be gelu, relu or swish");
  }
  [[noreturn]] void fail(const char* key, const std::string& what) const {
    throw data_error(fmt::format("{}: {} {}, got {}", path_.string(), key, what,
                                 at(key).dump(-1, ' ', false, json::error_handler_t::replace)));
  }

 private:
  const json& at(const char* key) const {
    const auto found = root_.find(key);
    if (found == root_.end())
      throw data_error(fmt::format("{}: not an encoder configuration: no {}", path_.string(), key));
    return *found;
  }

  std::filesystem::path path_;
  json root_;
};

}  // namespace

std::string_view to_string(Activation activation) {
  for (const auto& [name, value] : kActivations)
    if (value == activation) return name;
  throw internal_error("unknown activation");
}

EncoderFile read_encoder_config(const std::filesystem::path& path) {
  const ConfigFile file(path);
  EncoderFile encoder;
  EncoderOptions& o = encoder.options;
  encoder.item_size = file.whole_number("item_size", 2, INT32_MAX);
  o.hidden_size = file.size("hidden_size", 1, INT32_MAX);
  o.num_hidden_layers = file.size("num_hidden_layers", 1, 16);
  o.num_attention_heads = file.size("num_attention_heads", 1, INT32_MAX);
  o.max_seq_length = file.size("max_seq_length", 2, 1024);
  o.hidden_act = file.activation("hidden_act");
  o.hidden_dropout_prob = file.probability("hidden_dropout_prob");
  o.attention_probs_dropout_prob = file.probability("attention_probs_dropout_prob");
  o.initializer_range = file.number("initializer_range");
  if (o.initializer_range <= 0) file.fail("initializer_range", "must be > 0");
  if (o.hidden_size % o.num_attention_heads != 0)
    file.fail("hidden_size", fmt::format("cannot be divided among {} attention heads", o.num_attention_heads));
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
