#include <ATen/ATen.h>
#include <fmt/format.h>

#include "config/provider_names.h"
#include "config/result_settings.h"
#include "data/utterances.h"
#include "stages/embedders.h"
#include "stages/providers.h"
#include "tensor/embedding_store.h"
#include "util/files.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/progress.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Texts embedded at once. An interruption loses at most so many, and so many are in memory twice.
constexpr size_t kBatch = 1024;

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
  volume.texts = static_cast<int64_t>(make_split(plan.interactions, key, config.datasets.max_history).size());
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

/// A vector for each utterance that is not empty.
EmbeddingTable embed_utterances(Embedder& embedder, std::vector<Utterance> utterances, at::ScalarType dtype) {
  std::erase_if(utterances, [](const Utterance& utterance) { return utterance.response.empty(); });
  EmbeddingTable table;
  table.embeddings = at::empty({static_cast<int64_t>(utterances.size()), embedder.dim()}, at::kFloat);
  for (size_t begin = 0; begin < utterances.size(); begin += kBatch) {
    throw_if_interrupted();
    const size_t end = std::min(begin + kBatch, utterances.size());
    std::vector<std::string> texts;
    for (size_t i = begin; i < end; ++i) {
      table.special_id.push_back(utterances[i].record.customer_id);
      texts.push_back(utterances[i].response);
    }
    const std::vector<float> vectors = embedder.embed(texts);
    std::copy(vectors.begin(), vectors.end(),
              table.embeddings.data_ptr<float>() + static_cast<int64_t>(begin) * embedder.dim());
  }
  table.embeddings = table.embeddings.to(dtype);
  return table;
}

/// Files of an interrupted run are kept: they are complete, since they are written atomically.
StageOutcome run(const StageContext& context) {
  const at::ScalarType dtype = context.config.embed.dtype == "float16" ? at::kHalf : at::kFloat;
  const auto keys = all_split_keys(context.config.datasets);
  const auto embedders = make_task_embedders(context, training_corpus(context));
  Progress progress("embed", static_cast<int64_t>(keys.size() * embedders.size()), "files");
  int64_t total = 0, files = 0;
  for (const auto& [task, embedder] : embedders) {
    for (const std::string& key : keys) {
      const std::filesystem::path file = context.folder.embeddings(task, key);
      if (!std::filesystem::exists(file)) {
        const auto table = embed_utterances(*embedder, read_utterances(context.folder.utterances(key)), dtype);
        write_embeddings(table, file);
        total += table.embeddings.size(0);
      }
      progress.update(++files, file.filename().string());
    }
  }
  log::info("embed: {} vectors, width {}, {}", total, embedders[0].embedder->dim(), context.config.embed.dtype);
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
