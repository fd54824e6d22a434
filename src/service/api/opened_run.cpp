#include "service/api/opened_run.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <future>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/config/conditions.h"
#include "base/config/provider_names.h"
#include "base/util/error.h"
#include "datasets/data/responses.h"
#include "experiment/run/manifest.h"
#include "experiment/stages/device.h"
#include "experiment/stages/embedders.h"
#include "experiment/stages/mentions.h"
#include "experiment/stages/mixture_inputs.h"
#include "experiment/stages/multi_turn_evaluation.h"
#include "experiment/stages/providers.h"
#include "numerics/tensor/embedding_store.h"
#include "recommender/eval/training_histories.h"
#include "service/api/run_settings.h"

namespace latentcrs {

namespace {

namespace fs = std::filesystem;

StageContext context_of(const LoadedConfig& loaded) {
  set_threads(loaded.config.threads);
  return make_context(loaded, choose_device(loaded.config.device));
}

/// Throws Error(data) that names the first stage of which a file is missing or which has not finished.
void require_stages(const StageContext& context) {
  const RunFolder& folder = context.folder;
  const std::string& name = context.config.exp_name;
  struct Made {
    const char* stage;
    std::vector<fs::path> files;
  };
  std::vector<Made> all = {{"preprocess", {folder.interactions(), folder.features()}},
                           {"pretrain", {folder.encoder(), folder.encoder_config(), folder.centers()}},
                           {"simulate", {}},
                           {"train", {folder.posterior(name), folder.prior(name)}}};
  if (has_item_names(context.config.datasets)) all[0].files.push_back(folder.item_names());
  if (!asks_service(context.config.embed.provider)) all[2].files = {folder.combination()};
  for (const Made& made : all) {
    for (const fs::path& file : made.files)
      if (!fs::is_regular_file(file))
        throw data_error(
            fmt::format("{} has not been run in {}: there is no {}; run `latentcrs run` with the config of "
                        "this run",
                        made.stage, folder.root().string(), file.lexically_relative(folder.root()).string()));
    const auto manifest = made.files.empty() ? std::nullopt : read_manifest(folder.stage(made.stage));
    if (manifest && !manifest->complete())
      throw data_error(fmt::format("{} has not finished in {}: run `latentcrs run` with the config of this run",
                                   made.stage, folder.root().string()));
  }
}

/// Throws Error(data) where the run's vectors are not what its embedder gives.
void check_text_width(const StageContext& context) {
  const fs::path file = context.folder.embeddings(context.config.datasets.meta_task_keys.at(0), "test");
  if (fs::is_regular_file(file)) check_dialogue_embedder(context.config, embedding_width(file));
}

/// The training utterances are read if the embedder asks for them, all at once, which is faster than one by one.
std::unique_ptr<Embedder> embedder_of(const StageContext& context) {
  std::optional<std::vector<std::string>> responses;
  return make_embedder(context, [&](const std::function<void(const std::string&)>& take) {
    if (!responses) responses = read_responses(context.folder.combination());
    for (const std::string& response : *responses) take(response);
  });
}

/// The number of times that each item occurs, by the dataset's ids.
ItemCounts counts_of(const Interactions& interactions) {
  ItemCounts counts;
  for (const int32_t item : interactions.items) ++counts[item];
  return counts;
}

}  // namespace

OpenedRun::OpenedRun(const fs::path& folder, const OpenOptions& options)
    : loaded_(load_run_settings(folder, options)), context_(context_of(loaded_)) {
  require_stages(context_);
  check_text_width(context_);
  // The embedder reads the training utterances, which takes as long as everything else.
  std::future<std::unique_ptr<Embedder>> embedder =
      std::async(std::launch::async, [this] { return embedder_of(context_); });
  inputs_ = std::make_unique<const EmInputs>(context_);
  catalogue_ = read_item_catalogue(context_.folder.features(), config().datasets);
  const int64_t width = asks_width(config()) ? inputs_->text_width() : config().embed.text_embedding_dim;
  networks_ = load_em_networks(inputs_->model(width), context_.folder.posterior(config().exp_name),
                               context_.folder.prior(config().exp_name));
  at::Tensor mentions;
  if (counts_mentions(config()))
    mentions = mention_scores(context_, {catalogue_, items(), counts_of(inputs_->interactions()), raw_items()},
                              MentionNotes::silent);
  scorer_ = make_text_scorer(context_, *inputs_, networks_.prior, catalogue_, mentions);
  embedder_ = embedder.get();
}

bool OpenedRun::has_item(int64_t id) const {
  const std::vector<int32_t>& dense = items().dense_from_raw;
  return id > 0 && id < static_cast<int64_t>(dense.size()) && dense[static_cast<size_t>(id)] > 0;
}

std::vector<int32_t> OpenedRun::dense(const std::vector<int64_t>& ids, const char* what) const {
  std::vector<int32_t> dense;
  for (const int64_t id : ids) {
    if (!has_item(id))
      throw usage_error(fmt::format("{}: the dataset {} has no item {}", what, config().datasets.dataset_name, id));
    dense.push_back(items().dense_from_raw[static_cast<size_t>(id)]);
  }
  return dense;
}

UserState OpenedRun::last_states(const Histories& histories) const {
  const SasRec prior = networks_.prior->encoder(), posterior = networks_.posterior->encoder();
  const UserSequences sequences(histories, prior->options().max_seq_length, em_positions(config().compat),
                                networks_.prior->item_table().device());
  return {.prior = sequences.last_states(prior, config().em.eval_batch_size),
          .posterior = sequences.last_states(posterior, config().em.eval_batch_size)};
}

const UserState& OpenedRun::mean_state() const {
  std::call_once(made_mean_, [this] {
    const UserState all = last_states(training_histories(inputs_->interactions(), inputs_->items(), config().datasets));
    mean_ = {.prior = all.prior.mean(0, /*keepdim=*/true), .posterior = all.posterior.mean(0, /*keepdim=*/true)};
  });
  return mean_;
}

UserState OpenedRun::states_of(const std::vector<std::vector<int32_t>>& histories) const {
  Histories known;
  std::vector<int64_t> rows, strangers;  // of users with a history, and of those without
  for (size_t i = 0; i < histories.size(); ++i) {
    const size_t read = std::min(histories[i].size(), history_length());
    (read == 0 ? strangers : rows).push_back(static_cast<int64_t>(i));
    if (read > 0) known.add(std::span(histories[i]).last(read));
  }
  if (strangers.empty()) return last_states(known);
  const UserState& mean = mean_state();
  if (histories.size() == 1) return mean;
  const auto all = static_cast<int64_t>(histories.size());
  UserState states{.prior = mean.prior.repeat({all, 1}), .posterior = mean.posterior.repeat({all, 1})};
  if (rows.empty()) return states;
  const at::Tensor places = at::tensor(rows, at::kLong).to(mean.prior.device());
  const UserState of_known = last_states(known);
  states.prior.index_copy_(0, places, of_known.prior);
  states.posterior.index_copy_(0, places, of_known.posterior);
  return states;
}

at::Tensor OpenedRun::embed(const std::vector<std::string>& texts) const {
  std::vector<float> vectors = embedder_->embed(texts);
  return at::from_blob(vectors.data(), {static_cast<int64_t>(texts.size()), embedder_->dim()}, at::kFloat)
      .clone()
      .to(networks_.prior->item_table().device());
}

Extraction OpenedRun::extract(const std::vector<DialogueTurn>& dialogue) const {
  const std::lock_guard lock(extracting_);
  if (!extractor_) extractor_ = make_talk_extractor(context_, catalogue_);
  return extractor_->extract({dialogue}).all.at(0);
}

const TitleIndex& OpenedRun::titles() const {
  std::call_once(made_titles_, [this] {
    std::vector<Item> ranked;
    for (const Item& item : catalogue_.items())
      if (has_item(item.id)) ranked.push_back(item);
    titles_ = std::make_unique<const TitleIndex>(
        ItemCatalogue(std::move(ranked)), config().evaluate.zero_shot.match_ratio, counts_of(inputs_->interactions()));
  });
  return *titles_;
}

const RawIds& OpenedRun::raw_users() const {
  std::call_once(read_raw_users_, [this] { raw_users_ = RawIds(user_id_map(context_.folder.stage("preprocess"))); });
  return raw_users_;
}

const RawIds& OpenedRun::raw_items() const {
  std::call_once(read_raw_items_, [this] { raw_items_ = RawIds(item_id_map(context_.folder.stage("preprocess"))); });
  return raw_items_;
}

}  // namespace latentcrs
