#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "config/provider_names.h"
#include "config/result_settings.h"
#include "data/simulated_split.h"
#include "data/utterances.h"
#include "stages/embedders.h"
#include "stages/providers.h"
#include "tensor/embedding_store.h"
#include "tensor/tensor_file.h"
#include "text/centred_embedder.h"
#include "text/vector_spread.h"
#include "util/files.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/progress.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Texts embedded at once. So many vectors are in memory twice.
constexpr size_t kBatch = 4096;

json settings(const StageContext& context) { return result_settings(context.config, "embed"); }

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = {context.folder.combination()};
  for (const std::string& key : all_split_keys(context.config.datasets))
    files.push_back(context.folder.utterances(key));
  for (const auto& file : embedding_templates(context)) files.push_back(file);
  return files;
}

void check_settings(const StageContext& context) { check_service_settings(context.config, "embed"); }

void check_templates(const StageContext& context) {
  if (asks_service(context.config.embed.provider)) make_task_embedders(context, {});
}

struct TextVolume {
  int64_t texts = 0;
  int64_t bytes = 0;
};

/// The utterances of a split; before they exist, one for each record, as long as a reply is expected to be.
TextVolume volume_of(const PlanInputs& plan, const std::string& key) {
  const Config& config = plan.context.config;
  const auto file = plan.context.folder.utterances(key);
  TextVolume volume;
  if (std::filesystem::exists(file)) {
    for (const Utterance& utterance : read_utterances(file)) {
      volume.texts += utterance.response.empty() ? 0 : 1;
      volume.bytes += static_cast<int64_t>(utterance.response.size());
    }
    return volume;
  }
  volume.texts = static_cast<int64_t>(make_simulated_split(plan.interactions, key, config).size());
  volume.bytes = volume.texts * 4 * config.simulate.chat.price.expected_output_tokens;
  return volume;
}

std::vector<PlannedRequests> planned_requests(const PlanInputs& plan) {
  const EmbedOptions& options = plan.context.config.embed;
  if (!asks_service(options.provider)) return {};
  const int64_t batch = options.remote.batch_size;
  CostEstimate sum;
  for (const std::string& key : all_split_keys(plan.context.config.datasets)) {
    const TextVolume volume = volume_of(plan, key);
    for (const auto& file : embedding_templates(plan.context)) {
      const auto around = static_cast<int64_t>(read_file(file).size());
      sum.requests += (volume.texts + batch - 1) / batch;
      sum.usage.input += (volume.bytes + volume.texts * around) / 4;
    }
  }
  sum.cost = static_cast<double>(sum.usage.input) * options.remote.price_per_million / 1e6;
  return {{.purpose = "embed",
           .provider = options.provider,
           .model = options.remote.model,
           .estimate = sum,
           .has_price = options.remote.price_per_million > 0}};
}

/// The utterances of some splits that are not empty: ids and texts, one split after the other.
struct SplitTexts {
  std::string key;
  std::vector<std::string> ids, texts;
};

SplitTexts texts_of(const StageContext& context, const std::string& key) {
  SplitTexts split{.key = key, .ids = {}, .texts = {}};
  for (Utterance& utterance : read_utterances(context.folder.utterances(key), Prompts::leave_out)) {
    if (utterance.response.empty()) continue;
    split.ids.push_back(std::move(utterance.record.customer_id));
    split.texts.push_back(std::move(utterance.response));
  }
  return split;
}

/// The texts that have their vectors, over all tasks and files, for people to see.
class EmbeddingProgress {
 public:
  explicit EmbeddingProgress(size_t texts) : progress_("embed", static_cast<int64_t>(texts), "texts") {}
  void add(size_t texts) { progress_.update(begun_ += static_cast<int64_t>(texts), note_); }
  /// `texts` are done, however many of them add() has counted.
  void finish(size_t texts) {
    done_ += static_cast<int64_t>(texts);
    progress_.update(begun_ = done_, note_);
  }
  void at_file(const std::string& name) { note_ = name; }

 private:
  Progress progress_;
  int64_t done_ = 0, begun_ = 0;
  std::string note_;
};

/// Embeds the texts of `splits` in order and calls `take(split, row, vector)` for each. A batch goes on over the end of
/// a split, so that a service is never left with a few requests alone.
template <class Take>
void embed_splits(Embedder& embedder, const std::vector<SplitTexts>& splits, EmbeddingProgress& progress, Take take) {
  struct Place {
    size_t split, row;
  };
  std::vector<Place> places;
  for (size_t s = 0; s < splits.size(); ++s)
    for (size_t row = 0; row < splits[s].texts.size(); ++row) places.push_back({s, row});
  for (size_t begin = 0; begin < places.size(); begin += kBatch) {
    throw_if_interrupted();
    const std::span<const Place> batch(places.data() + begin, std::min(kBatch, places.size() - begin));
    std::vector<std::string> texts;
    for (const auto& [split, row] : batch) texts.push_back(splits[split].texts[row]);
    progress.at_file(splits[batch.front().split].key);
    const std::vector<float> vectors = embedder.embed(texts);
    const auto width = static_cast<size_t>(embedder.dim());
    for (size_t i = 0; i < batch.size(); ++i)
      take(batch[i].split, batch[i].row, std::span<const float>(vectors).subspan(i * width, width));
    progress.finish(batch.size());
  }
}

/// Says how much the vectors of the training utterances differ.
void report_spread(const StageContext& context, const std::string& task, const VectorSpread& spread) {
  log::info("embed: {}: of the training utterances: {}{}", task, to_text(spread),
            context.config.embed.center ? ", before the mean is subtracted" : "");
  if (varies_little(spread) && !context.config.embed.center)
    log::warn("embed: {}: the vectors hardly differ; try embed.center=true, or a prompt without chat markers", task);
}

/// Embeds the training utterances, writes their mean (mean_file()), and returns the embedder that subtracts it. A
/// service's vectors are in the cache then.
std::unique_ptr<Embedder> centred(const StageContext& context, TaskEmbedder task, EmbeddingProgress& progress) {
  std::vector<SplitTexts> training;
  for (const std::string& key : context.config.datasets.filter_keys) training.push_back(texts_of(context, key));
  SpreadMeter meter;
  embed_splits(*task.embedder, training, progress,
               [&](size_t, size_t, std::span<const float> vector) { meter.add(vector); });
  report_spread(context, task.task, meter.spread());
  std::vector<float> mean = meter.mean();
  write_npy(at::from_blob(mean.data(), {static_cast<int64_t>(mean.size())}, at::kFloat),
            mean_file(context.folder, task.task));
  return make_centred_embedder(std::move(task.embedder), std::move(mean));
}

bool is_training(const StageContext& context, const std::string& key) {
  const auto& keys = context.config.datasets.filter_keys;
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// Writes the file of each split when its last vector has come.
void write_files(const StageContext& context, const std::string& task, Embedder& embedder,
                 const std::vector<SplitTexts>& splits, EmbeddingProgress& progress) {
  const at::ScalarType dtype = context.config.embed.dtype == "float16" ? at::kHalf : at::kFloat;
  SpreadMeter meter;
  at::Tensor vectors;
  const auto write = [&](const SplitTexts& split) {
    if (split.texts.empty()) vectors = at::empty({0, embedder.dim()}, at::kFloat);
    write_embeddings({.special_id = split.ids, .embeddings = vectors.to(dtype)},
                     context.folder.embeddings(task, split.key));
  };
  embed_splits(embedder, splits, progress, [&](size_t s, size_t row, std::span<const float> vector) {
    const SplitTexts& split = splits[s];
    const auto width = static_cast<int64_t>(vector.size());
    if (row == 0) vectors = at::empty({static_cast<int64_t>(split.texts.size()), width}, at::kFloat);
    std::copy(vector.begin(), vector.end(), vectors.data_ptr<float>() + static_cast<int64_t>(row) * width);
    if (is_training(context, split.key)) meter.add(vector);
    if (row + 1 == split.texts.size()) write(split);
  });
  for (const SplitTexts& split : splits)
    if (split.texts.empty()) write(split);
  if (!context.config.embed.center && meter.count() > 1) report_spread(context, task, meter.spread());
}

/// Files of an interrupted run are kept: they are complete, since they are written atomically.
StageOutcome run(const StageContext& context) {
  const auto keys = all_split_keys(context.config.datasets);
  const bool centring = context.config.embed.center;
  size_t texts = 0, training = 0;
  for (const std::string& key : keys) {
    const size_t count = texts_of(context, key).texts.size();
    texts += count;
    training += centring && is_training(context, key) ? count : 0;
  }
  auto embedders = make_task_embedders(context, training_corpus(context));
  EmbeddingProgress progress((texts + training) * embedders.size());
  int64_t total = 0;
  for (TaskEmbedder& task : embedders) {
    const std::string name = task.task;
    task.embedder->on_progress([&progress](size_t done) { progress.add(done); });
    const std::unique_ptr<Embedder> embedder =
        centring ? centred(context, std::move(task), progress) : std::move(task.embedder);
    std::vector<SplitTexts> splits;
    for (const std::string& key : keys) {
      SplitTexts split = texts_of(context, key);
      if (std::filesystem::exists(context.folder.embeddings(name, key)))
        progress.finish(split.texts.size());
      else
        splits.push_back(std::move(split));
    }
    write_files(context, name, *embedder, splits, progress);
    for (const SplitTexts& split : splits) total += static_cast<int64_t>(split.texts.size());
  }
  const int64_t width =
      embedding_width(context.folder.embeddings(context.config.datasets.meta_task_keys.at(0), keys.front()));
  log::info("embed: {} vectors, width {}, {}", total, width, context.config.embed.dtype);
  return {};
}

}  // namespace

Stage make_embed_stage() {
  return {.info = stage_info("embed"),
          .needs = {.stages = {"simulate"}},
          .settings = settings,
          .inputs = inputs,
          .checks = {.settings = check_settings,
                     .templates = check_templates,
                     .before_run = [](const StageContext& context) { check_embedding_tasks(context.config); }},
          .planned_requests = planned_requests,
          .run = run};
}

}  // namespace latentcrs
