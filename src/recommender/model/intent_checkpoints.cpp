#include "recommender/model/intent_checkpoints.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>

#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/random.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/model/linear_weights.h"
#include "recommender/model/network_settings.h"
#include "recommender/model/parameters.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

/// Parameters that the published networks hold and never use, by the start of their names.
constexpr const char* kNeverUsed[] = {"m_ux_layer_norm.", "y_um_", "projection_intent2item.", "projection_user2intent.",
                                      "gate_layer."};

/// The prior's second name for its item table.
constexpr const char* kItemTableAlias = "item_embedding.weight";
constexpr const char* kItemTable = "user_sequence_model.item_embeddings.weight";

constexpr int64_t kPublishedHidden[] = {128, 64};  // prior.y_um.layer_hidden

bool never_used(const std::string& name) {
  return std::any_of(std::begin(kNeverUsed), std::end(kNeverUsed),
                     [&](const char* start) { return name.starts_with(start); });
}

/// Whether `tensor` equals the one that we write under that name.
bool is_own(const StateDict& own, const std::string& name, const at::Tensor& tensor) {
  const at::Tensor* written = find(own, name);
  return written != nullptr && written->sizes() == tensor.sizes() && at::equal(written->to(tensor), tensor);
}

/// `own`: the never-used layers that save_posterior() and save_prior() write for the sake of the published code. The
/// log is silent about those.
void load_network(torch::nn::Module& network, const StateDict& state, const StateDict& own, const std::string& where) {
  for (const auto& [name, tensor] : state)
    if (!at::isfinite(tensor).all().item<bool>())
      throw data_error(fmt::format("{}: {} holds a value that is not finite", where, name));
  check_network_settings(state, parameter_views(network), where);
  std::vector<std::string> unknown = load_parameters(network, state, where);
  std::erase(unknown, kItemTableAlias);
  const auto unused = std::stable_partition(unknown.begin(), unknown.end(), std::not_fn(never_used));
  const std::vector<std::string> skipped(unused, unknown.end());
  unknown.erase(unused, unknown.end());
  if (!unknown.empty())
    throw data_error(
        fmt::format("{} was made with another configuration: this network has no {}", where, fmt::join(unknown, ", ")));
  if (std::all_of(skipped.begin(), skipped.end(),
                  [&](const std::string& name) { return is_own(own, name, *find(state, name)); }))
    return;
  log::info("{}: {} weights that nothing is computed with were skipped, {} among them", where, skipped.size(),
            skipped.front());
  log::debug("{}: skipped {}", where, fmt::join(skipped, ", "));
}

/// Fills a checkpoint with layers that the published code expects to find in it.
class NeverUsed {
 public:
  explicit NeverUsed(StateDict& state) : state_(state) {}

  void linear(const std::string& name, int64_t in, int64_t out) {
    state_.emplace_back(name + ".weight", draw_linear({out, in}, in, rng_));
    state_.emplace_back(name + ".bias", draw_linear({out}, in, rng_));
  }
  void norm(const std::string& name, int64_t width) {
    state_.emplace_back(name + ".weight", at::ones({width}));
    state_.emplace_back(name + ".bias", at::zeros({width}));
  }

 private:
  StateDict& state_;
  Rng rng_{derive_seed(0, "never-used")};
};

void add_never_used(const PosteriorNetwork& network, StateDict& state) {
  const int64_t width = network->named_parameters()["intent_embedding"].size(1);
  NeverUsed(state).linear("projection_user2intent", width, width);
}

void add_never_used(const PriorNetwork& network, StateDict& state) {
  const auto parameters = network->named_parameters();
  const int64_t width = parameters["intent_embedding"].size(1);
  const bool gated = network->shape().head.agg_type == "gated";
  NeverUsed extra(state);
  for (size_t i = 0; i <= network->shape().head.layer_hidden.size(); ++i) {
    const at::Tensor& weight = parameters[fmt::format("m_ux_agg_layer.{}.weight", i)];
    extra.norm(fmt::format("m_ux_layer_norm.{}", i), gated ? weight.size(0) : weight.size(1));
  }
  int64_t in = 2 * width;
  const int64_t outs[] = {kPublishedHidden[0], kPublishedHidden[1], width};
  for (size_t i = 0; i < std::size(outs); in = outs[i++]) {
    extra.linear(fmt::format("y_um_agg_layer.{}", i), in, outs[i]);
    extra.norm(fmt::format("y_um_layer_norm.{}", i), in);
  }
  for (const char* name : {"y_um_linear_query", "y_um_linear_key", "y_um_linear_value"})
    extra.linear(name, width, width);
}

}  // namespace

void save_posterior(const PosteriorNetwork& network, const fs::path& path) {
  StateDict state = parameter_views(*network);
  add_never_used(network, state);
  write_state_dict(state, path);
}

void save_prior(const PriorNetwork& network, const fs::path& path) {
  StateDict state = parameter_views(*network);
  state.emplace_back(kItemTableAlias, *find(state, kItemTable));
  add_never_used(network, state);
  write_state_dict(state, path);
}

void load_posterior(PosteriorNetwork& network, const fs::path& path) {
  StateDict own;
  add_never_used(network, own);
  load_network(*network, read_weights(path), own, path.string());
}

void load_prior(PriorNetwork& network, const fs::path& path) {
  const StateDict state = read_weights(path);
  const at::Tensor* alias = find(state, kItemTableAlias);
  const at::Tensor* table = find(state, kItemTable);
  if (alias && table && !at::equal(*alias, *table))
    throw data_error(
        fmt::format("{}: {} and {} differ, but are one tensor", path.string(), kItemTableAlias, kItemTable));
  StateDict own;
  add_never_used(network, own);
  load_network(*network, state, own, path.string());
}

}  // namespace latentcrs
