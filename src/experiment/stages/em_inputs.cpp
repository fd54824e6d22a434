#include "experiment/stages/em_inputs.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <unordered_set>

#include "base/config/conditions.h"
#include "base/util/error.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/embedders.h"
#include "language/text/leak_check.h"
#include "numerics/tensor/weights_file.h"
#include "recommender/model/centers_file.h"
#include "recommender/model/encoder_file.h"
#include "recommender/model/weights_check.h"

namespace latentcrs {

namespace {

/// A target that the catalogue does not have has no title to give away.
void flag_leaks(std::vector<Utterance>& utterances, const ItemCatalogue& catalogue, double fuzzy_ratio) {
  for (Utterance& utterance : utterances) {
    const Item* target = catalogue.find(utterance.record.target);
    if (!utterance.leaks_title && target != nullptr)
      utterance.leaks_title = leaks_title(utterance.response, target->title, fuzzy_ratio);
  }
}

}  // namespace

EmInputs::EmInputs(const StageContext& context)
    : context_(context),
      interactions_(read_interactions(context.folder.interactions(), context.folder.parts())),
      items_(make_dense_items(interactions_)) {
  for (int64_t row = 0; row < interactions_.num_users(); ++row) rows_.emplace(interactions_.user_ids[row], row);
}

std::span<const int32_t> EmInputs::before_target(const SplitRecord& record) const {
  const auto row = rows_.find(record.user);
  if (row == rows_.end()) throw data_error(fmt::format("user {} of the utterances is not in the dataset", record.user));
  return items_before_target(interactions_, row->second, record);
}

std::vector<EmbeddingFile> EmInputs::embedding_files(const std::vector<std::string>& keys) const {
  std::vector<EmbeddingFile> files;
  for (const std::string& task : context_.config.datasets.meta_task_keys)
    for (const std::string& key : keys) {
      const auto path = context_.folder.embeddings(task, key);
      files.push_back({task, key, path, read_embeddings(path)});
    }
  return files;
}

EmExamples EmInputs::examples(std::vector<Utterance> utterances, const std::vector<std::string>& keys,
                              const std::filesystem::path& path, MissingReplies missing,
                              const std::string& split) const {
  const profile::Scope scope("examples");
  const auto files = embedding_files(keys);
  std::vector<SplitRecord> records;
  for (const std::string& key : keys) {
    auto made = make_simulated_split(interactions_, key, context_.config);
    std::move(made.begin(), made.end(), std::back_inserter(records));
  }
  return make_em_examples(with_missing(std::move(utterances), records),
                          {.interactions = &interactions_,
                           .items = &items_,
                           .embeddings = files,
                           .missing = missing,
                           .records = records,
                           .path = path,
                           .keeps_words = !split.empty() && hears_names(context_.config),
                           .split = split});
}

EmExamples EmInputs::training() const {
  const auto path = context_.folder.combination();
  return examples(read_utterances(path, Prompts::leave_out), context_.config.datasets.filter_keys, path,
                  MissingReplies::leave_out);
}

EmExamples EmInputs::evaluation(const std::string& key, const ItemCatalogue* catalogue) const {
  const auto path = context_.folder.utterances(key);
  auto utterances = read_utterances(path, Prompts::leave_out);
  if (catalogue != nullptr) flag_leaks(utterances, *catalogue, context_.config.simulate.fuzzy_leak_ratio);
  const bool drop = context_.config.compat.drop_missing_replies;
  return examples(std::move(utterances), {key}, path, drop ? MissingReplies::leave_out : MissingReplies::keep, key);
}

int64_t EmInputs::text_width() const {
  std::filesystem::path first;
  int64_t first_width = 0;
  for (const std::string& task : context_.config.datasets.meta_task_keys)
    for (const std::string& key : all_split_keys(context_.config.datasets)) {
      const auto path = context_.folder.embeddings(task, key);
      const int64_t width = embedding_width(path);
      if (first.empty()) std::tie(first, first_width) = std::pair(path, width);
      if (width != first_width)
        throw data_error(fmt::format("{} holds vectors of width {}, but {} of width {}: embed them with one model",
                                     path.string(), width, first.string(), first_width));
    }
  return first_width;
}

EmModel EmInputs::model(int64_t text_width) const {
  const auto path = context_.folder.encoder(), config = context_.folder.encoder_config();
  const EncoderFile description = read_encoder_config(config);
  StateDict encoder = read_weights(path);
  require_item_size(encoder, path, description.item_size, config);
  at::Tensor centers = read_centers(context_.folder.centers());
  if (centers.size(1) != description.options.hidden_size)
    throw data_error(
        fmt::format("{}: the intent centres have {} columns, but the encoder's states have {}: use centres made with "
                    "this encoder",
                    context_.folder.centers().string(), centers.size(1), description.options.hidden_size));
  return {.em = context_.config.em,
          .compat = context_.config.compat,
          .items = &items_,
          .encoder = std::move(encoder),
          .encoder_options = description.options,
          .centers = std::move(centers),
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
  if (!folder.parts().empty()) files.push_back(folder.parts());
  for (const std::string& task : dataset.meta_task_keys)
    for (const std::string& key : all_split_keys(dataset)) files.push_back(folder.embeddings(task, key));
  if (context.config.embed.center)
    for (const std::string& task : dataset.meta_task_keys) files.push_back(mean_file(folder, task));
  return files;
}

void warn_of_missing_replies(const std::string& stage, const std::string& what, const EmExamples& examples) {
  const auto silent = std::count(examples.has_text.begin(), examples.has_text.end(), 0);
  const int64_t all = examples.size() + examples.left_out;
  if (examples.left_out > 0)
    log::warn("{}: {} of {} {} records have no reply and are left out", stage, examples.left_out, all, what);
  if (silent > 0)
    log::warn("{}: {} of {} {} records have no reply: misses of every score that needs one", stage, silent, all, what);
}

std::vector<Utterance> with_missing(std::vector<Utterance> utterances, const std::vector<SplitRecord>& records) {
  std::unordered_set<std::string> present;
  for (const Utterance& utterance : utterances) present.insert(utterance.record.customer_id);
  for (const SplitRecord& record : records)
    if (!present.contains(record.customer_id)) utterances.push_back({.record = record, .prompt = {}, .response = {}});
  return utterances;
}

}  // namespace latentcrs
