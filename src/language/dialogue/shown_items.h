// Which items of a ranking a turn of a dialogue shows (docs/method.md, section 9).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

#include "datasets/data/item_catalogue.h"

namespace latentcrs {

struct ShownItemsOptions {
  int candidates = 50;                ///< items of the ranking that are re-ranked
  int shown_items = 5;                ///< items shown; <= candidates
  bool refused_items_return = false;  ///< compat.refused_items_return
};

/// `ranked`: raw item ids, best first. Items shown before are no candidates; with refused_items_return they are, behind
/// all others. The first `candidates` are sorted, stably, by how many of the wanted `features` they have; the first
/// `shown_items` of these are returned, or fewer if there are fewer. An item that the catalogue lacks has no features.
std::vector<int64_t> choose_shown_items(std::span<const int32_t> ranked,
                                        const std::unordered_set<int64_t>& shown_before,
                                        const std::vector<std::string>& features, const ItemCatalogue& catalogue,
                                        const ShownItemsOptions& options);

}  // namespace latentcrs
