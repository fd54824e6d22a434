#include "experiment/stages/embedders.h"

#include <ATen/ATen.h>
#include <fmt/format.h>

#include "base/util/error.h"
#include "base/util/files.h"
#include "base/util/random.h"
#include "datasets/data/utterances.h"
#include "experiment/stages/providers.h"
#include "language/llm/openai_embedder.h"
#include "language/llm/providers.h"
#include "language/text/centred_embedder.h"
#include "language/text/mean_embedder.h"
#include "language/text/prompt_template.h"
#include "numerics/tensor/embedding_store.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

/// The width of the embedding files that exist; 0 if there are none.
int width_of_files(const StageContext& context) {
  for (const std::string& task : context.config.datasets.meta_task_keys)
    for (const std::string& key : all_split_keys(context.config.datasets))
      if (const auto file = context.folder.embeddings(task, key); std::filesystem::exists(file))
        return static_cast<int>(embedding_width(file));
  return 0;
}

}  // namespace

EmbeddingService embedding_service(const StageContext& context, const std::filesystem::path& file) {
  const Config& config = context.config;
  PromptTemplate::load(file, kEmbeddingFields);  // for a message that names the file
  EmbeddingService service{.provider = config.embed.provider,
                           .options = config.embed.remote,
                           .prompt = read_file(file),
                           .shared = config.services,
                           .section = "embed.remote"};
  if (service.prompt.ends_with('\n')) service.prompt.pop_back();
  return service;
}

std::vector<std::filesystem::path> embedding_templates(const StageContext& context) {
  const EmbedOptions& options = context.config.embed;
  std::vector<std::filesystem::path> files;
  if (!embedding_provider(options.provider).is_remote()) return files;
  for (const std::string& name : options.prompt_templates) files.push_back(context.prompt_template(name));
  return files;
}

void check_embedding_tasks(const Config& config) {
  const size_t tasks = config.datasets.meta_task_keys.size();
  if (!embedding_provider(config.embed.provider).is_remote() && tasks > 1)
    throw config_error(
        fmt::format("datasets.meta_task_keys: the {} embedder reads no prompt, so its vectors of {} tasks would "
                    "be the same; name one task, or set embed=openai",
                    config.embed.provider, tasks));
}

std::vector<TaskEmbedder> make_task_embedders(const StageContext& context, const TextSource& corpus) {
  const EmbedOptions& options = context.config.embed;
  const auto& tasks = context.config.datasets.meta_task_keys;
  check_embedding_tasks(context.config);
  std::vector<TaskEmbedder> embedders;
  const EmbeddingProvider& provider = embedding_provider(options.provider);
  if (!provider.is_remote()) {
    embedders.push_back(
        {tasks.at(0), provider.make_from_corpus(options, corpus, derive_seed(context.seed(), "embed"))});
    return embedders;
  }
  const auto files = embedding_templates(context);
  const int width = options.remote.ask_width ? width_of_files(context) : options.text_embedding_dim;
  for (size_t t = 0; t < tasks.size(); ++t)
    embedders.push_back({tasks[t], provider.make_remote(embedding_service(context, files.at(t)), width,
                                                        remote_context(context.config))});
  return embedders;
}

std::filesystem::path mean_file(const RunFolder& folder, const std::string& task) {
  return folder.embeddings(task, "mean").replace_extension(".npy");
}

std::unique_ptr<Embedder> make_embedder(const StageContext& context, const TextSource& corpus) {
  std::vector<std::unique_ptr<Embedder>> parts;
  for (TaskEmbedder& task : make_task_embedders(context, corpus)) {
    parts.push_back(std::move(task.embedder));
    if (!context.config.embed.center) continue;
    const at::Tensor mean = read_npy(mean_file(context.folder, task.task)).to(at::kFloat).contiguous();
    const float* values = mean.data_ptr<float>();
    parts.back() = make_centred_embedder(std::move(parts.back()), {values, values + mean.numel()});
  }
  return make_mean_embedder(std::move(parts));
}

TextSource training_corpus(const StageContext& context) {
  return [&context](const std::function<void(const std::string&)>& take) {
    UtteranceReader reader(context.folder.combination(), Prompts::leave_out);
    for (Utterance utterance; reader.next(utterance);) take(utterance.response);
  };
}

}  // namespace latentcrs
