// Items described by the items that users had near them, for datasets that come without words about their items.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/interactions.h"

namespace latentcrs {

/// The items that stand near an item in the training parts of the sequences: for each id up to the largest the `count`
/// nearest, best first. Nearness is the cosine of ItemKNN with shrinkage: c_ab / (sqrt(c_a c_b) + 10), with c_ab the
/// number of times that b stands at most three places from a, and c_a the number of times that a occurs. Ties go to the
/// lower id; targets of validation and test say nothing.
std::vector<std::vector<int32_t>> nearest_in_training(const Interactions& interactions, size_t count);

/// Writes an item features file of the dataset's format: an item is called "item <raw id>", and its facets are the raw
/// ids of its neighbours. raw_ids: by id, empty if ids are the dataset's own. Returns the rows.
int64_t write_neighbour_features(const Interactions& interactions, const DatasetOptions& options,
                                 const std::vector<std::string>& raw_ids, std::ostream& out);

}  // namespace latentcrs
