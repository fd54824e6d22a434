#include "recommender/train/checkpoint_encoder.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <set>

#include "base/util/error.h"
#include "base/util/log.h"
#include "recommender/model/encoder_file.h"
#include "recommender/model/sasrec.h"
#include "recommender/model/weights_check.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

constexpr const char* kItems = "item_embeddings.weight";
constexpr const char* kPositions = "position_embeddings.weight";
constexpr std::string_view kLayer = "item_encoder.layer.";

/// i of "item_encoder.layer.<i>.…".
std::optional<int> layer_of(std::string_view name) {
  if (!name.starts_with(kLayer)) return std::nullopt;
  name.remove_prefix(kLayer.size());
  int layer = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), layer);
  if (error != std::errc() || end == name.data() + name.size() || *end != '.') return std::nullopt;
  return layer;
}

/// The number of layers from the first one up to the first gap.
int layers_in_a_row(const std::set<int>& layers) {
  int count = 0;
  while (layers.contains(count)) ++count;
  return count;
}

/// The sizes that the weights have; the rest as in `options`.
EncoderOptions sizes_of_weights(const StateDict& state, const EncoderOptions& options, const fs::path& path) {
  const at::Tensor *items = find(state, kItems), *positions = find(state, kPositions);
  std::set<int> layers;
  for (const auto& [name, tensor] : state)
    if (const auto layer = layer_of(name)) layers.insert(*layer);
  if (items == nullptr || positions == nullptr || layers_in_a_row(layers) == 0 || items->dim() != 2 ||
      positions->dim() != 2)
    throw data_error(fmt::format("{} holds no SASRec encoder: it needs {}, {} and {}0.…", path.string(), kItems,
                                 kPositions, kLayer));
  EncoderOptions sizes = options;
  sizes.hidden_size = static_cast<int>(items->size(1));
  sizes.max_seq_length = static_cast<int>(positions->size(0));
  sizes.num_hidden_layers = layers_in_a_row(layers);
  return sizes;
}

/// Collects the sizes that differ from the expected ones.
class SizeDifferences {
 public:
  template <class T>
  void check(const char* key, const T& ours, const T& theirs, const SettingOrigin& origin) {
    const std::string setting = std::string("pretrain.encoder.") + key, place = origin(setting);
    if (ours == theirs || place.empty()) return;
    add(fmt::format("{} is {} ({}): give {}={}", setting, ours, place, setting, theirs));
  }
  void check_beside(const char* key, int weights, int configuration) {
    if (weights != configuration)
      add(fmt::format("{} is {} there, and {} in the weights", key, configuration, weights));
  }
  const std::string& text() const { return text_; }

 private:
  void add(const std::string& difference) { text_ += (text_.empty() ? "" : "; ") + difference; }
  std::string text_;
};

/// Takes from the configuration beside the weights the sizes that weights do not tell.
void read_beside(const fs::path& config, const StateDict& weights, const fs::path& checkpoint, EncoderOptions& sizes) {
  const EncoderFile described = read_encoder_config(config);
  require_item_size(weights, checkpoint, described.item_size, config);
  const EncoderOptions& beside = described.options;
  SizeDifferences differences;
  differences.check_beside("hidden_size", sizes.hidden_size, beside.hidden_size);
  differences.check_beside("num_hidden_layers", sizes.num_hidden_layers, beside.num_hidden_layers);
  differences.check_beside("max_seq_length", sizes.max_seq_length, beside.max_seq_length);
  if (!differences.text().empty())
    throw data_error(fmt::format("{} belongs to another encoder than the weights beside it: {}", config.string(),
                                 differences.text()));
  sizes.num_attention_heads = beside.num_attention_heads;
  sizes.hidden_act = beside.hidden_act;
}

}  // namespace

fs::path encoder_config_beside(const fs::path& checkpoint) {
  fs::path path = checkpoint;
  return path.replace_filename(checkpoint.stem().string() + "_config.json");
}

EncoderOptions encoder_of_checkpoint(const StateDict& weights, const fs::path& checkpoint,
                                     const EncoderOptions& options, const SettingOrigin& origin) {
  EncoderOptions sizes = sizes_of_weights(weights, options, checkpoint);
  const fs::path beside = encoder_config_beside(checkpoint);
  if (fs::exists(beside))
    read_beside(beside, weights, checkpoint, sizes);
  else
    log::info(
        "{}: weights tell neither the attention heads nor the activation, and no {} lies beside them: "
        "pretrain.encoder.num_attention_heads={} and hidden_act={} are those of the settings",
        checkpoint.string(), beside.filename().string(), sizes.num_attention_heads, to_string(sizes.hidden_act));
  SizeDifferences differences;
  differences.check("hidden_size", options.hidden_size, sizes.hidden_size, origin);
  differences.check("num_hidden_layers", options.num_hidden_layers, sizes.num_hidden_layers, origin);
  differences.check("num_attention_heads", options.num_attention_heads, sizes.num_attention_heads, origin);
  differences.check("max_seq_length", options.max_seq_length, sizes.max_seq_length, origin);
  differences.check("hidden_act", to_string(options.hidden_act), to_string(sizes.hidden_act), origin);
  if (!differences.text().empty())
    throw config_error(fmt::format("{} does not fit the settings: {}", checkpoint.string(), differences.text()));
  return sizes;
}

}  // namespace latentcrs
