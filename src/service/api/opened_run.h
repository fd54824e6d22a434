// A finished run in memory: settings, items, networks, and the objects that read what a user says.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "datasets/data/item_catalogue.h"
#include "experiment/run/raw_ids.h"
#include "experiment/stages/em_inputs.h"
#include "language/dialogue/feature_extraction.h"
#include "language/text/embedder.h"
#include "language/text/title_match.h"
#include "latentcrs/recommender.h"
#include "recommender/eval/text_scorer.h"
#include "recommender/model/intent_networks.h"
#include "recommender/model/user_states.h"

namespace latentcrs {

/// The encoder states of users, each [n, d] on the networks' device.
struct UserState {
  at::Tensor prior, posterior;
};

/// A finished run in memory. Parts are made at their first use; after that nothing changes. Const functions may be
/// called from several threads at once.
class OpenedRun {
 public:
  /// Throws as Recommender::open().
  OpenedRun(const std::filesystem::path& folder, const OpenOptions& options);

  const Config& config() const { return loaded_.config; }
  const std::filesystem::path& folder() const { return context_.folder.root(); }
  const DenseItems& items() const { return inputs_->items(); }
  const ItemCatalogue& catalogue() const { return catalogue_; }
  const EmNetworks& networks() const { return networks_; }
  /// The score that ranks items for users who say something.
  const TextScorer& scorer() const { return *scorer_; }
  /// Most items of a history that the networks saw in training.
  size_t history_length() const { return static_cast<size_t>(config().datasets.max_history) - 1; }

  /// Whether the dataset has an item of this id.
  bool has_item(int64_t id) const;
  /// Dense ids of the dataset's ids. Throws Error(usage) naming `what` for one that the dataset does not have.
  std::vector<int32_t> dense(const std::vector<int64_t>& ids, const char* what) const;
  /// The states after a history of dense ids, of which the last history_length() count; without any, the mean states
  /// of the training histories.
  UserState state_of(const std::vector<int32_t>& history) const { return states_of({history}); }
  /// The same for many users, [n, d] each.
  UserState states_of(const std::vector<std::vector<int32_t>>& histories) const;
  /// The vectors x of texts, [n, E] on the networks' device.
  at::Tensor embed(const std::vector<std::string>& texts) const;
  /// The text and the facets that stand for the dialogue so far. The extractor is made at the first call; one call
  /// waits for another.
  Extraction extract(const std::vector<DialogueTurn>& dialogue) const;
  /// Titles of the items that can be ranked. Made at the first call.
  const TitleIndex& titles() const;
  /// The ids of the raw files. Read at the first call.
  const RawIds& raw_users() const;
  const RawIds& raw_items() const;
  const EmInputs& inputs() const { return *inputs_; }
  const StageContext& context() const { return context_; }

 private:
  UserState last_states(const Histories& histories) const;
  const UserState& mean_state() const;

  LoadedConfig loaded_;
  StageContext context_;
  ItemCatalogue catalogue_;
  std::unique_ptr<const EmInputs> inputs_;
  EmNetworks networks_;
  std::optional<TextScorer> scorer_;
  std::unique_ptr<Embedder> embedder_;  // embeds in several threads at once
  mutable std::mutex extracting_;
  mutable std::unique_ptr<IntentExtractor> extractor_;
  mutable std::once_flag made_mean_, made_titles_, read_raw_users_, read_raw_items_;
  mutable UserState mean_;
  mutable std::unique_ptr<const TitleIndex> titles_;
  mutable RawIds raw_users_, raw_items_;
};

}  // namespace latentcrs
