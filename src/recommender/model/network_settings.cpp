#include "recommender/model/network_settings.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <vector>

#include "base/util/error.h"

namespace latentcrs {

namespace {

using Settings = std::map<std::string, std::string>;  ///< key -> value as a config writes it

/// Sizes of the weights `<prefix>0<suffix>`, `<prefix>1<suffix>`, … along dimension 0.
std::vector<int64_t> rows_of_layers(const StateDict& state, const std::string& prefix, const std::string& suffix) {
  std::vector<int64_t> rows;
  while (const at::Tensor* weight = find(state, fmt::format("{}{}{}", prefix, rows.size(), suffix)))
    rows.push_back(weight->dim() > 0 ? weight->size(0) : 0);
  return rows;
}

void add_size(const StateDict& state, const char* name, int64_t dimension, const char* key, Settings& settings) {
  const at::Tensor* tensor = find(state, name);
  if (tensor != nullptr && tensor->dim() > dimension) settings[key] = std::to_string(tensor->size(dimension));
}

void add_prior_head(const StateDict& state, Settings& settings) {
  std::vector<int64_t> layers = rows_of_layers(state, "m_ux_agg_layer.", ".weight");
  if (layers.empty()) return;  // a posterior
  layers.pop_back();           // as wide as a state
  settings["prior.m_ux.layer_hidden"] = fmt::format("[{}]", fmt::join(layers, ", "));
  settings["prior.m_ux.agg_type"] = find(state, "m_ux_linear_query.weight") != nullptr ? "gated" : "concat";
  settings["prior.m_ux.add_user_state"] = find(state, "linear_state.weight") != nullptr ? "true" : "false";
  const at::Tensor *in = find(state, "m_ux_projection.0.weight"), *out = find(state, "m_ux_projection.4.weight");
  const bool projects = in != nullptr && out != nullptr && in->dim() == 2 && out->dim() == 2;
  settings["prior.m_ux.use_text_projection"] = projects ? "true" : "false";
  if (!projects) return;
  settings["prior.m_ux.text_projection"] = fmt::format("[{}, {}]", in->size(0), out->size(0));
  settings["embed.text_embedding_dim"] = std::to_string(in->size(1));
}

Settings settings_of(const StateDict& state) {
  Settings settings;
  add_size(state, "intent_embedding", 0, "pretrain.num_intent_clusters", settings);
  add_size(state, "user_sequence_model.item_embeddings.weight", 1, "pretrain.encoder.hidden_size", settings);
  add_size(state, "user_sequence_model.position_embeddings.weight", 0, "pretrain.encoder.max_seq_length", settings);
  const size_t layers =
      rows_of_layers(state, "user_sequence_model.item_encoder.layer.", ".attention.query.weight").size();
  if (layers > 0) settings["pretrain.encoder.num_hidden_layers"] = std::to_string(layers);
  add_prior_head(state, settings);
  return settings;
}

}  // namespace

void check_network_settings(const StateDict& file, const StateDict& ours, const std::string& where) {
  const Settings theirs = settings_of(file);
  std::string differences;
  for (const auto& [key, value] : settings_of(ours)) {
    const auto found = theirs.find(key);
    if (found == theirs.end() || found->second == value) continue;
    differences += fmt::format("{}{}={} (here {})", differences.empty() ? "" : ", ", key, found->second, value);
  }
  if (!differences.empty())
    throw data_error(fmt::format("{} was made with {}: give the same, or weights of this run", where, differences));
}

}  // namespace latentcrs
