#include <ATen/ATen.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/config/provider_names.h"
#include "base/config/result_settings.h"
#include "base/util/files.h"
#include "base/util/interrupt.h"
#include "base/util/log.h"
#include "base/util/profile.h"
#include "base/util/progress.h"
#include "datasets/data/simulated_split.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/embedders.h"
#include "experiment/stages/planned_embeddings.h"
#include "experiment/stages/providers.h"
#include "language/text/batch_embedder.h"
#include "language/text/centred_embedder.h"
#include "language/text/vector_spread.h"
#include "numerics/tensor/embedding_store.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

using nlohmann::json;

/// Texts embedded at once: so many vectors are in memory three times, and a service waits for a moment after each
/// batch.
constexpr size_t kBatch = 8'192;

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

/// Short texts in one block of memory.
class TextColumn {
 public:
  void add(std::string_view text) {
    block_ += text;
    ends_.push_back(block_.size());
  }
  size_t size() const { return ends_.size(); }
  std::vector<std::string> all() const {
    std::vector<std::string> texts;
    size_t begin = 0;
    for (const size_t end : ends_) texts.push_back(block_.substr(std::exchange(begin, end), end - begin));
    return texts;
  }

 private:
  std::string block_;
  std::vector<size_t> ends_;
};

/// Whose utterances of a split are not empty. Their texts stay in the file.
struct SplitTexts {
  std::string key;
  std::filesystem::path file;
  TextColumn ids;
};

SplitTexts texts_of(const StageContext& context, const std::string& key) {
  const profile::Scope scope("read");
  SplitTexts split{.key = key, .file = context.folder.utterances(key), .ids = {}};
  UtteranceReader reader(split.file, Prompts::leave_out);
  for (Utterance utterance; reader.next(utterance);)
    if (!utterance.response.empty()) split.ids.add(utterance.record.customer_id);
  return split;
}

/// The utterances of the splits; of a split that does not exist yet one for each record, as long as a reply is expected
/// to be.
std::vector<PlannedRequests> planned_requests(const PlanInputs& plan) {
  const Config& config = plan.context.config;
  if (!asks_service(config.embed.provider)) return {};
  PlannedTexts texts;
  for (const std::string& key : all_split_keys(config.datasets)) {
    if (!std::filesystem::exists(plan.context.folder.utterances(key))) {
      const auto records = static_cast<int64_t>(make_simulated_split(plan.interactions, key, config).size());
      texts.expect(records, records * 4 * config.simulate.chat.price.expected_output_tokens);
      continue;
    }
    UtteranceReader reader(plan.context.folder.utterances(key), Prompts::leave_out);
    for (Utterance utterance; reader.next(utterance);) {
      if (!utterance.response.empty()) texts.known.push_back(std::move(utterance.response));
    }
  }
  return {planned_embeddings(plan.context, "embed", texts)};
}

using Splits = std::vector<const SplitTexts*>;

/// Calls `take(texts)` with the texts of all splits, one split after the other, kBatch at a time: a batch goes on over
/// the end of a split, so that a service is never left with a few requests alone. `at_file` hears of each split first.
template <class AtFile, class Take>
void for_each_batch(const Splits& splits, AtFile at_file, Take take) {
  std::vector<std::string> texts;
  const auto hand_over = [&] {
    throw_if_interrupted();
    take(std::exchange(texts, {}));
  };
  for (const SplitTexts* split : splits) {
    if (texts.empty()) at_file(*split);
    UtteranceReader reader(split->file, Prompts::leave_out);
    for (Utterance utterance; reader.next(utterance);) {
      if (utterance.response.empty()) continue;
      texts.push_back(std::move(utterance.response));
      if (texts.size() == kBatch) hand_over();
      if (texts.empty()) at_file(*split);
    }
  }
  if (!texts.empty()) hand_over();
}

/// The texts that have their vectors, over all tasks and files, for people to see. Thread-safe.
class EmbeddingProgress {
 public:
  explicit EmbeddingProgress(size_t texts) : progress_("embed", static_cast<int64_t>(texts), "texts") {}
  void add(size_t texts) {
    const std::lock_guard lock(mutex_);
    progress_.update(begun_ += static_cast<int64_t>(texts), note_);
  }
  /// `texts` are done, however many of them add() has counted.
  void finish(size_t texts) {
    const std::lock_guard lock(mutex_);
    done_ += static_cast<int64_t>(texts);
    progress_.update(begun_ = done_, note_);
  }
  void at_file(const std::string& name) {
    const std::lock_guard lock(mutex_);
    note_ = name;
  }

 private:
  std::mutex mutex_;
  Progress progress_;
  int64_t done_ = 0, begun_ = 0;
  std::string note_;
};

/// Embeds the texts of `splits` in order and calls `take(split, rows)` with rows, [n, D], of one split that come next.
/// `embedder` is used on another thread if it is that of a service.
template <class Take>
void embed_splits(const StageContext& context, Embedder& embedder, const Splits& splits, EmbeddingProgress& progress,
                  Take take) {
  size_t at = 0, row = 0;  // the split whose vectors are coming, and the first of them
  const auto hand_out = [&](EmbeddedBatch batch) {
    if (batch.texts == 0) return;
    const at::Tensor all = at::from_blob(batch.vectors.data(), {static_cast<int64_t>(batch.texts), embedder.dim()});
    for (size_t done = 0; done < batch.texts;) {
      while (row == splits[at]->ids.size()) ++at, row = 0;
      const size_t count = std::min(batch.texts - done, splits[at]->ids.size() - row);
      take(*splits[at], all.slice(0, static_cast<int64_t>(done), static_cast<int64_t>(done + count)));
      done += count;
      row += count;
    }
  };
  BatchEmbedder batches(embedder, asks_service(context.config.embed.provider),
                        [&](size_t texts) { progress.finish(texts); });
  for_each_batch(
      splits, [&](const SplitTexts& split) { progress.at_file(split.key); },
      [&](std::vector<std::string> texts) { hand_out(batches.begin(std::move(texts))); });
  hand_out(batches.finish());
}

void add_rows(SpreadMeter& meter, const at::Tensor& rows) {
  const auto width = static_cast<size_t>(rows.size(1));
  for (int64_t i = 0; i < rows.size(0); ++i)
    meter.add({rows.data_ptr<float>() + i * static_cast<int64_t>(width), width});
}

/// Says how much the vectors of the training utterances differ.
void report_spread(const StageContext& context, const std::string& task, const VectorSpread& spread) {
  log::info("embed: {}: of the training utterances: {}{}", task, to_text(spread),
            context.config.embed.center ? ", before the mean is subtracted" : "");
  if (varies_little(spread) && !context.config.embed.center)
    log::warn("embed: {}: the vectors hardly differ; try embed.center=true, or a prompt without chat markers", task);
}

bool is_training(const StageContext& context, const std::string& key) {
  const auto& keys = context.config.datasets.filter_keys;
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

/// Embeds the training utterances, writes their mean (mean_file()), and returns the embedder that subtracts it. A
/// service's vectors are in the cache then.
std::unique_ptr<Embedder> centred(const StageContext& context, TaskEmbedder task, const Splits& training,
                                  EmbeddingProgress& progress) {
  SpreadMeter meter;
  embed_splits(context, *task.embedder, training, progress,
               [&](const SplitTexts&, const at::Tensor& rows) { add_rows(meter, rows); });
  report_spread(context, task.task, meter.spread());
  std::vector<float> mean = meter.mean();
  write_npy(at::from_blob(mean.data(), {static_cast<int64_t>(mean.size())}, at::kFloat),
            mean_file(context.folder, task.task));
  return make_centred_embedder(std::move(task.embedder), std::move(mean));
}

/// Writes the file of each split when its last vector has come.
void write_files(const StageContext& context, const std::string& task, Embedder& embedder, const Splits& splits,
                 EmbeddingProgress& progress) {
  const at::ScalarType dtype = context.config.embed.dtype == "float16" ? at::kHalf : at::kFloat;
  SpreadMeter meter;
  std::optional<EmbeddingWriter> file;
  const auto open = [&](const SplitTexts& split, int64_t width) {
    file.emplace(split.ids.all(), width, dtype, context.folder.embeddings(task, split.key));
  };
  embed_splits(context, embedder, splits, progress, [&](const SplitTexts& split, const at::Tensor& rows) {
    const profile::Scope scope("write");
    if (!file) open(split, rows.size(1));
    file->add(rows);
    if (is_training(context, split.key)) add_rows(meter, rows);
    if (file->rows() < static_cast<int64_t>(split.ids.size())) return;
    file->commit();
    file.reset();
  });
  for (const SplitTexts* split : splits) {
    if (split->ids.size() > 0) continue;
    open(*split, embedder.dim());
    file->commit();
    file.reset();
  }
  if (!context.config.embed.center && meter.count() > 1) report_spread(context, task, meter.spread());
}

/// Files of an interrupted run are kept: they are complete, since they are written atomically.
StageOutcome run(const StageContext& context) {
  std::vector<SplitTexts> all;
  Splits training;
  for (const std::string& key : all_split_keys(context.config.datasets)) all.push_back(texts_of(context, key));
  size_t texts = 0, for_means = 0;
  for (const SplitTexts& split : all) {
    texts += split.ids.size();
    if (!context.config.embed.center || !is_training(context, split.key)) continue;
    training.push_back(&split);
    for_means += split.ids.size();
  }
  auto embedders =
      profile::timed("word statistics", [&] { return make_task_embedders(context, training_corpus(context)); });
  EmbeddingProgress progress((texts + for_means) * embedders.size());
  int64_t total = 0;
  for (TaskEmbedder& task : embedders) {
    const std::string name = task.task;
    task.embedder->on_progress([&progress](size_t done) { progress.add(done); });
    const std::unique_ptr<Embedder> embedder =
        context.config.embed.center ? centred(context, std::move(task), training, progress) : std::move(task.embedder);
    Splits splits;
    for (const SplitTexts& split : all) {
      if (std::filesystem::exists(context.folder.embeddings(name, split.key))) {
        progress.finish(split.ids.size());
        continue;
      }
      splits.push_back(&split);
      total += static_cast<int64_t>(split.ids.size());
    }
    write_files(context, name, *embedder, splits, progress);
  }
  const int64_t width =
      embedding_width(context.folder.embeddings(context.config.datasets.meta_task_keys.at(0), all.front().key));
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
