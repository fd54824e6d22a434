#include <ATen/ATen.h>
#include <fmt/format.h>

#include "data/utterances.h"
#include "stages/embedders.h"
#include "tensor/embedding_store.h"
#include "util/interrupt.h"
#include "util/log.h"
#include "util/progress.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Texts embedded at once: bounds what an interruption can lose and what has to be in memory twice.
constexpr size_t kBatch = 1024;

json settings(const StageContext& context) {
  return {{"embed", embedding_settings(context.config)},
          {"random_seed", context.config.random_seed},
          {"filter_keys", context.config.datasets.filter_keys},
          {"meta_task_keys", context.config.datasets.meta_task_keys}};
}

std::vector<std::filesystem::path> inputs(const StageContext& context) {
  std::vector<std::filesystem::path> files = {context.folder.combination()};
  for (const std::string& key : all_split_keys(context.config.datasets))
    files.push_back(context.folder.utterances(key));
  for (const auto& file : embedding_templates(context)) files.push_back(file);
  return files;
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

/// Files of an interrupted run are complete (they are written atomically) and are kept.
void run(const StageContext& context) {
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
}

}  // namespace

Stage make_embed_stage() { return {"embed", "one vector per utterance", settings, inputs, run}; }

}  // namespace latentcrs
