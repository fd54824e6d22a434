// Histories as short as those of people in a conversation, drawn from longer ones (docs/method.md, section 8).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/config/em_options.h"
#include "datasets/data/histories.h"

namespace latentcrs {

struct ShortHistories {
  /// A history that drew no item keeps one, which stands for nothing: encoders need an item in each row.
  Histories histories;
  std::vector<uint8_t> empty;  ///< [n], 1 where no item was drawn
};

/// For each history, with the chance options.empty no item, else a number in [1, options.most], all alike, of its items
/// (all of them where it has fewer), drawn without replacement and in the order of the draw. History i is a function of
/// (seed, i) and of its items alone. `cosines` [all.items]: of each item with the example's target; an item is drawn in
/// proportion to exp(options.likeness · cosine), or all alike where the list is empty. options.most > 0; no history is
/// empty.
ShortHistories draw_short_histories(const Histories& all, const ShortHistoryOptions& options, uint64_t seed,
                                    std::span<const float> cosines = {});

}  // namespace latentcrs
