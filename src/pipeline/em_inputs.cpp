#include "em_inputs.h"

#include <unordered_set>

#include "latentcrs/data/utterances.h"
#include "latentcrs/tensor/tensor_file.h"

namespace latentcrs {

EmInputs::EmInputs(const StageContext& context)
    : context_(context),
      interactions_(read_interactions(context.folder.interactions())),
      items_(make_dense_items(interactions_)) {}

std::vector<EmbeddingFile> EmInputs::embedding_files(const std::vector<std::string>& keys) const {
  std::vector<EmbeddingFile> files;
  for (const std::string& task : context_.config.datasets.meta_task_keys)
    for (const std::string& key : keys) {
      const auto path = context_.folder.embeddings(task, key);
      files.push_back({task, key, path, read_embeddings(path)});
    }
  return files;
}

EmExamples EmInputs::training() const {
  const auto files = embedding_files(context_.config.datasets.filter_keys);
  return make_em_examples(
      read_utterances(context_.folder.combination(), Prompts::leave_out),
      {.interactions = &interactions_, .items = &items_, .embeddings = files, .missing = MissingReplies::leave_out});
}

EmExamples EmInputs::evaluation(const std::string& key) const {
  const auto files = embedding_files({key});
  const bool drop = context_.config.compat.drop_missing_replies;
  const auto records = make_split(interactions_, key, context_.config.datasets.max_history);
  return make_em_examples(with_missing(read_utterances(context_.folder.utterances(key), Prompts::leave_out), records),
                          {.interactions = &interactions_,
                           .items = &items_,
                           .embeddings = files,
                           .missing = drop ? MissingReplies::leave_out : MissingReplies::keep});
}

EmModel EmInputs::model(int64_t text_width) const {
  return {.config = &context_.config,
          .items = &items_,
          .encoder = read_state_dict(context_.folder.encoder()),
          .encoder_options = read_encoder_config(context_.folder.encoder_config()).options,
          .centers = read_npy(context_.folder.centers()),
          .text_width = text_width,
          .seed = context_.seed(),
          .device = context_.device};
}

std::vector<std::filesystem::path> em_input_files(const StageContext& context) {
  const RunFolder& folder = context.folder;
  const DatasetOptions& dataset = context.config.datasets;
  std::vector<std::filesystem::path> files = {
      folder.interactions(), folder.encoder(),           folder.encoder_config(),  folder.centers(),
      folder.combination(),  folder.utterances("valid"), folder.utterances("test")};
  for (const std::string& task : dataset.meta_task_keys)
    for (const std::string& key : all_split_keys(dataset)) files.push_back(folder.embeddings(task, key));
  return files;
}

std::vector<Utterance> with_missing(std::vector<Utterance> utterances, const std::vector<SplitRecord>& records) {
  std::unordered_set<std::string> present;
  for (const Utterance& utterance : utterances) present.insert(utterance.record.customer_id);
  for (const SplitRecord& record : records)
    if (!present.contains(record.customer_id)) utterances.push_back({.record = record, .prompt = {}, .response = {}});
  return utterances;
}

}  // namespace latentcrs
