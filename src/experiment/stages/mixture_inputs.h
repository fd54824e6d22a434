// What score_mixture is made from in a run: the tables of its items, and the file of its weights.
#pragma once

#include <filesystem>

#include "datasets/data/item_catalogue.h"
#include "experiment/stages/em_inputs.h"
#include "experiment/stages/stage.h"
#include "recommender/eval/text_scorer.h"

namespace latentcrs {

/// train/<exp_name>_mixture.json.
std::filesystem::path mixture_file(const StageContext& context);

/// Coordinates of the run's vectors that name genres.
int64_t genres_in_text(const Config& config);

/// 1 for each genre (genre_name()) among an item's facets, [V + 1, genres_in_text()].
at::Tensor item_genres(const ItemCatalogue& catalogue, const DenseItems& items, const Config& config);

/// Finds the items of the people whom words name (NameFinder), one entry for each such person and item of the dataset.
FindNamedItems find_named_items(const ItemCatalogue& catalogue, const DenseItems& items);

/// Of the training parts of the sequences.
CoOccurrence training_co_occurrence(const EmInputs& inputs);

/// The score that the run recommends by; `mentions` as mention_scores() gives it, where people speak. Throws
/// Error(data) where the weights of its mixture are missing.
TextScorer make_text_scorer(const StageContext& context, const EmInputs& inputs, const PriorNetwork& prior,
                            const ItemCatalogue& catalogue, const at::Tensor& mentions = {});

}  // namespace latentcrs
