// The words in which a recommender names items, as language models are shown them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/data/item_catalogue.h"

namespace latentcrs {

/// "The recommended items are: 1. Toy Story; 2. Heat." with the names of items (raw ids) of the catalogue. Throws as
/// ItemCatalogue::at() for an item that it does not have.
std::string recommendation_text(const std::vector<int64_t>& items, const ItemCatalogue& catalogue);

}  // namespace latentcrs
