// How a recommendation reads in a dialogue with a model.
#pragma once

#include <string>
#include <vector>

#include "data/item_catalogue.h"

namespace latentcrs {

/// "The recommended items are: 1. Heat; 2. Big." Throws Error(data) for an item the catalogue lacks.
std::string recommendation_text(const std::vector<int64_t>& items, const ItemCatalogue& catalogue);

}  // namespace latentcrs
