#include "experiment/stages/intents.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/util/error.h"
#include "base/util/files.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"
#include "datasets/data/sequence_batch.h"
#include "experiment/report/intent_files.h"
#include "experiment/run/manifest.h"
#include "experiment/stages/device.h"
#include "experiment/stages/stage_table.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/eval/intent_overview.h"
#include "recommender/model/encoder_file.h"
#include "recommender/model/intent_clusters.h"
#include "recommender/model/parameters.h"
#include "recommender/model/weights_check.h"
#include "recommender/train/pretrainer.h"

namespace latentcrs {

namespace {

using nlohmann::json;

constexpr int64_t kDrawnUsers = 4000;  // more dots hide each other

const char* name_of(Nearness nearness) { return nearness == Nearness::lift ? "lift" : "score"; }

/// Joins the lines of why_stale() by semicolons.
std::string on_one_line(std::string reasons) {
  for (size_t end = reasons.find('\n'); end != std::string::npos; end = reasons.find('\n', end))
    reasons.replace(end, 1, "; ");
  return reasons;
}

/// Throws Error(data) unless the run folder holds the result of pretraining with this config.
void require_pretraining(const StageContext& context) {
  const fs::path folder = context.folder.stage("pretrain");
  const bool has_inputs = fs::exists(context.folder.interactions());
  const std::string reason =
      has_inputs ? why_stale(describe_stage(stage_named("pretrain"), context), folder) : "no result yet";
  if (reason.empty()) return;
  throw data_error(
      fmt::format("intents needs a finished pretrain stage, and {} holds none of this config ({}): run {}"
                  "`latentcrs pretrain` with the same config and overrides first",
                  folder.lexically_relative(fs::current_path()).string(), on_one_line(reason),
                  has_inputs ? "" : "`latentcrs preprocess` and "));
}

/// The manifest of intents/, without outputs.
Manifest describe_intents(const StageContext& context, const IntentsOptions& options) {
  const RunFolder& folder = context.folder;
  const fs::path index = folder.centers().parent_path() / "intents.faissindex";
  std::vector<fs::path> files = {folder.interactions(), folder.encoder(), folder.encoder_config(), folder.centers()};
  for (const fs::path& file : {index, folder.features(), folder.parts()})
    if (fs::is_regular_file(file)) files.push_back(file);
  const auto settings = [&options](const StageContext& c) {
    return json{
        {"pretrain", section(c.config, "pretrain")}, {"items", options.items}, {"by", name_of(options.nearness)}};
  };
  const auto inputs = [&files](const StageContext&) { return files; };
  const StageInfo info{.name = "intents", .makes = "", .help = "", .details = ""};
  return describe_stage({.info = info, .settings = settings, .inputs = inputs, .run = {}}, context);
}

/// The options that the encoder was pretrained with; its sizes may be those of a checkpoint.
PretrainOptions pretrained_options(const StageContext& context) {
  PretrainOptions options = context.config.pretrain;
  options.encoder = read_encoder_config(context.folder.encoder_config()).options;
  return options;
}

SasRec read_encoder(const StageContext& context, const PretrainOptions& options, int64_t item_size) {
  SasRec encoder(item_size, options.encoder, 0);
  const fs::path path = context.folder.encoder();
  require_no_more_weights(load_parameters(*encoder, read_weights(path), path.string()), path.string());
  encoder->to(context.device);
  encoder->set_compute({.fused = options.fused_encoder, .precision = options.precision});
  return encoder;
}

struct Encoded {
  at::Tensor users;  ///< [N, D] or [N, L * D]: the vectors that were clustered
  at::Tensor items;  ///< [V, D], the item table
};

Encoded encode_users(const StageContext& context, const Interactions& interactions) {
  const PretrainOptions options = pretrained_options(context);
  const SequenceBatcher sequences(interactions, options, context.config.compat, context.seed());
  SasRec encoder = read_encoder(context, options, sequences.item_size());
  const at::Tensor users = user_representations(encoder, sequences, options);
  if (!at::isfinite(users).all().item<bool>())
    throw numeric_error(context.folder.encoder().string() + ": gives some user a state that is NaN or infinite");
  return {.users = users, .items = encoder->item_table().detach()};
}

/// The mean over positions where there is one state a position: [n, L * D] -> [n, D]; [n, D] as it is.
at::Tensor mean_states(const at::Tensor& vectors, int64_t width) {
  return vectors.view({vectors.size(0), -1, width}).mean(1);
}

at::Tensor directions(const at::Tensor& vectors) { return vectors / vectors.norm(2, 1, true).clamp_min(1e-12); }

/// Users and intents in one space.
struct Clustering {
  at::Tensor users;    ///< [N, D]
  at::Tensor centres;  ///< [K, D]
  at::Tensor labels;   ///< [N], the intent of each user
  std::optional<ClusterFit> fit;
};

/// `width`: D.
Clustering cluster(const StageContext& context, const at::Tensor& representations, int64_t width) {
  IntentClusters clusters = read_clusters(context.folder.centers().parent_path());
  const bool given = !clusters.raw_centroids.defined();
  at::Tensor users = representations;
  if (given) {
    users = directions(mean_states(users, width));
    clusters.raw_centroids = clusters.centers;
  }
  if (clusters.raw_centroids.size(1) != users.size(1))
    throw data_error(fmt::format("{}: its centres have {} numbers each, the users' representations {}",
                                 context.folder.centers().string(), clusters.raw_centroids.size(1), users.size(1)));
  Clustering result{.users = mean_states(users, width),
                    .centres = mean_states(clusters.raw_centroids, width),
                    .labels = clusters.assign(users),
                    .fit = {}};
  if (!given) result.fit = cluster_fit(users, clusters.raw_centroids, result.labels);
  return result;
}

/// Sizes and places; no items yet.
IntentsReport describe(const Clustering& clustering, const PrincipalPlane& plane) {
  const IntentSizes sizes(clustering.labels, clustering.centres.size(0));
  const at::Tensor places = plane.project(clustering.centres);
  const auto place = places.accessor<double, 2>();
  IntentsReport report{.users = sizes.total(),
                       .empty = sizes.empty(),
                       .effective = sizes.effective(),
                       .objective = {},
                       .explained = {},
                       .axes = plane.explained};
  if (clustering.fit) {
    report.objective = clustering.fit->objective;
    report.explained = clustering.fit->explained;
  }
  for (const int64_t intent : sizes.by_size()) {
    const int64_t users = sizes.users[static_cast<size_t>(intent)];
    report.intents.push_back({.intent = intent,
                              .users = users,
                              .share = static_cast<double>(users) / static_cast<double>(sizes.total()),
                              .x = place[intent][0],
                              .y = place[intent][1],
                              .items = {}});
  }
  return report;
}

/// Titles by item id; the dataset may have none.
class Titles {
 public:
  explicit Titles(const StageContext& context) {
    const fs::path features = context.folder.features();
    if (fs::is_regular_file(features)) catalogue_ = read_item_catalogue(features, context.config.datasets);
  }
  std::string of(int64_t item) const {
    const Item* known = catalogue_.find(item);
    return known == nullptr || known->title.empty() ? fmt::format("item {}", item) : shown_name(*known);
  }

 private:
  ItemCatalogue catalogue_;
};

/// `nearest` holds the items of each intent by its number.
void add_items(IntentsReport& report, const std::vector<std::vector<NearItem>>& nearest, const Titles& titles) {
  for (IntentRow& row : report.intents)
    for (const NearItem& near : nearest[static_cast<size_t>(row.intent)])
      row.items.push_back({near.item, titles.of(near.item), near.score});
}

std::vector<std::vector<NearItem>> items_near(const Clustering& clustering, const at::Tensor& table,
                                              const Interactions& interactions, const IntentsOptions& options) {
  const std::vector<int64_t> candidates = frequent_items(interactions, kFrequentShare);
  if (options.nearness == Nearness::score) return nearest_items(table, candidates, clustering.centres, options.items);
  const at::Tensor gained = clustering.centres - clustering.users.mean(0);
  return nearest_items(directions(table), candidates, directions(gained), options.items);
}

/// Users to draw: all, or evenly spaced ones.
std::vector<DrawnUser> drawn_users(const Clustering& clustering, const PrincipalPlane& plane) {
  const at::Tensor places = plane.project(clustering.users), labels = clustering.labels.cpu();
  const auto place = places.accessor<double, 2>();
  const int64_t users = places.size(0), drawn = std::min(users, kDrawnUsers);
  std::vector<DrawnUser> result;
  for (int64_t i = 0; i < drawn; ++i) {
    const int64_t user = i * users / drawn;
    result.push_back({place[user][0], place[user][1], labels[user].item<int64_t>()});
  }
  return result;
}

}  // namespace

IntentMap map_intents(const StageContext& context, const IntentsOptions& options) {
  const Interactions interactions = read_interactions(context.folder.interactions(), context.folder.parts());
  const Encoded encoded = encode_users(context, interactions);
  const Clustering clustering = cluster(context, encoded.users, encoded.items.size(1));
  const PrincipalPlane plane = principal_plane(clustering.users);
  IntentMap map{.report = describe(clustering, plane), .drawn = drawn_users(clustering, plane)};
  add_items(map.report, items_near(clustering, encoded.items, interactions, options), Titles(context));
  return map;
}

IntentsReport inspect_intents(const LoadedConfig& loaded, const IntentsOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  set_threads(loaded.config.threads);
  const StageContext context = make_context(loaded, choose_device(loaded.config.device));
  require_pretraining(context);
  const fs::path folder = context.folder.stage("intents");
  Manifest manifest = describe_intents(context, options);
  write_manifest(manifest, folder);  // unfinished from here on

  IntentMap map = map_intents(context, options);
  map.report.folder = folder;
  write_intent_files(map, name_of(options.nearness), folder);
  write_file_atomically(folder / "intents.html", intent_page(loaded.config.exp_name, map.report, map.drawn));
  manifest.outputs = stamp_outputs(folder);
  manifest.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  write_manifest(manifest, folder);
  return map.report;
}

}  // namespace latentcrs
