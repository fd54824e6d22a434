#include "experiment/stages/mixture_inputs.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/config/conditions.h"
#include "language/text/embedder.h"
#include "language/text/genre_words.h"
#include "language/text/name_finder.h"

namespace latentcrs {

std::filesystem::path mixture_file(const StageContext& context) {
  return context.folder.stage("train") / (context.config.exp_name + "_mixture.json");
}

int64_t genres_in_text(const Config& config) {
  return embeds_offline(config) ? static_cast<int64_t>(genre_coordinates(config.embed)) : 0;
}

at::Tensor item_genres(const ItemCatalogue& catalogue, const DenseItems& items, const Config& config) {
  const int64_t genres = genres_in_text(config);
  at::Tensor table = at::zeros({items.size(), genres}, at::kFloat);
  float* const values = table.data_ptr<float>();
  for (int64_t dense = 1; dense < items.size(); ++dense) {
    const Item* item = catalogue.find(items.raw_from_dense[static_cast<size_t>(dense)]);
    if (item == nullptr) continue;
    for (int64_t genre = 0; genre < genres; ++genre)
      if (std::find(item->facets.begin(), item->facets.end(), genre_name(static_cast<size_t>(genre))) !=
          item->facets.end())
        values[dense * genres + genre] = 1;
  }
  return table;
}

FindNamedItems find_named_items(const ItemCatalogue& catalogue, const DenseItems& items) {
  const auto finder = std::make_shared<const NameFinder>(catalogue);
  return [finder, dense = items.dense_from_raw](const std::string& words) {
    std::vector<NamedItem> named;
    for (const NameMention& mention : finder->find(words)) {
      const float people = (mention.asked ? 1.0F : 0.0F) - (mention.rejected ? 1.0F : 0.0F);
      for (const int64_t raw : mention.items)
        if (raw < static_cast<int64_t>(dense.size()) && dense[static_cast<size_t>(raw)] > 0)
          named.push_back({dense[static_cast<size_t>(raw)], people});
    }
    return named;
  };
}

CoOccurrence training_co_occurrence(const EmInputs& inputs) {
  return {user_items(inputs.interactions(), inputs.items(), ItemsOfUsers::training), inputs.items().size()};
}

TextScorer make_text_scorer(const StageContext& context, const EmInputs& inputs, const PriorNetwork& prior,
                            const ItemCatalogue& catalogue, const at::Tensor& mentions) {
  const Config& config = context.config;
  if (!config.em.score_mixture) return TextScorer(prior);
  const MixtureItems items =
      mixture_items(prior->item_table(), item_genres(catalogue, inputs.items(), config), training_co_occurrence(inputs),
                    inputs.interactions().num_users(), config.em.popularity_discount);
  ScoreMixture mixture(read_mixture(mixture_file(context)), items, prior->item_table().device(),
                       {.named = config.em.named_weight, .genre_trust = config.em.genre_trust, .mentions = mentions});
  return TextScorer(prior, std::move(mixture), genres_in_text(config),
                    hears_names(config) ? find_named_items(catalogue, inputs.items()) : FindNamedItems());
}

}  // namespace latentcrs
