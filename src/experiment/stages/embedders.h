// The embedders of utterances: one for each of datasets.meta_task_keys, and the mean of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "experiment/stages/stage.h"
#include "language/llm/service.h"
#include "language/text/embedder.h"

namespace latentcrs {

struct TaskEmbedder {
  std::string task;
  std::unique_ptr<Embedder> embedder;
};

/// embed.provider, with the prompt of each task, not centred. `corpus`: the training utterances. Where the server says
/// the width of vectors, they must be as wide as the files that exist. Throws Error(config) for a template
/// that is wrong, and as check_embedding_tasks().
std::vector<TaskEmbedder> make_task_embedders(const StageContext& context, const TextSource& corpus);

/// The file with the mean vector of a task's training utterances, .npy with [D] float32 (embed.center).
std::filesystem::path mean_file(const RunFolder& folder, const std::string& task);

/// The input of the model: the mean over the tasks (docs/method.md, section 6), each centred with its mean_file() where
/// embed.center says so.
std::unique_ptr<Embedder> make_embedder(const StageContext& context, const TextSource& corpus);

/// Throws Error(config) where there are several tasks for the offline embedder, which reads no prompt: all its vectors
/// would be the same.
void check_embedding_tasks(const Config& config);

/// The responses of the training split, in file order, from which the offline embedder takes its word statistics.
/// `context` must outlive it.
TextSource training_corpus(const StageContext& context);

/// The templates of a remote provider, one for each task; none if it is offline.
std::vector<std::filesystem::path> embedding_templates(const StageContext& context);

/// The service of embed.provider with the prompt that is in `file`. Throws Error(config) naming the file for a wrong
/// template.
EmbeddingService embedding_service(const StageContext& context, const std::filesystem::path& file);

}  // namespace latentcrs
