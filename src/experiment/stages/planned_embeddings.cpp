#include "experiment/stages/planned_embeddings.h"

#include "base/util/files.h"
#include "experiment/stages/embedders.h"

namespace latentcrs {

PlannedRequests planned_embeddings(const StageContext& context, const std::string& purpose, const PlannedTexts& texts) {
  Config config = context.config;
  config.services.offline = true;
  const StageContext offline{
      .config = config, .folder = context.folder, .data_roots = context.data_roots, .config_file = context.config_file};
  const RemoteEmbedOptions& options = config.embed.remote;
  const int64_t batch = options.alone ? 1 : options.batch_size;
  const auto requests = [batch](int64_t prompts) { return (prompts + batch - 1) / batch; };
  const auto templates = embedding_templates(context);
  CostEstimate sum;
  const auto embedders = make_task_embedders(offline, {});
  for (size_t task = 0; task < embedders.size(); ++task) {
    const EmbeddingPlan plan = embedders[task].embedder->plan(texts.known);
    sum.requests += requests(static_cast<int64_t>(plan.prompts.size()) + texts.more);
    sum.cached += requests(static_cast<int64_t>(plan.cached));
    int64_t bytes = texts.more_bytes + texts.more * static_cast<int64_t>(read_file(templates[task]).size());
    for (const std::string& prompt : plan.prompts) bytes += static_cast<int64_t>(prompt.size());
    sum.usage.input += bytes / 4;
  }
  sum.cost = static_cast<double>(sum.usage.input) * options.price_per_million / 1e6;
  return {.purpose = purpose,
          .provider = config.embed.provider,
          .model = options.model,
          .estimate = sum,
          .has_price = options.price_per_million > 0};
}

}  // namespace latentcrs
