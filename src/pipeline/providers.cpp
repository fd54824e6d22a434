#include "providers.h"

#include <fmt/format.h>

#include "latentcrs/data/utterances.h"
#include "latentcrs/util/error.h"
#include "latentcrs/util/random.h"

namespace latentcrs {

namespace {

Error unknown_provider(const char* key, const std::string& name) {
  return config_error(fmt::format("{}={}: no such provider; this build has: offline", key, name));
}

}  // namespace

std::unique_ptr<UserSimulator> make_user_simulator(const StageContext& context, const ItemCatalogue& catalogue) {
  const SimulateOptions& options = context.config.simulate;
  if (options.provider == "offline")
    return make_agenda_simulator(catalogue, context.config.datasets, options, derive_seed(context.seed(), "simulate"));
  throw unknown_provider("simulate.provider", options.provider);
}

std::unique_ptr<Embedder> make_embedder(const StageContext& context, const std::vector<std::string>& corpus) {
  const EmbedOptions& options = context.config.embed;
  if (options.provider == "offline") return make_hash_embedder(options, corpus, derive_seed(context.seed(), "embed"));
  throw unknown_provider("embed.provider", options.provider);
}

std::vector<std::string> training_corpus(const StageContext& context) {
  std::vector<std::string> corpus;
  for (Utterance& utterance : read_utterances(context.folder.combination()))
    corpus.push_back(std::move(utterance.response));
  return corpus;
}

}  // namespace latentcrs
