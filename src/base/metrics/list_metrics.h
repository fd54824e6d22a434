// Figures of whole lists of recommended items, beside the places of the targets in them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "base/util/table.h"

namespace latentcrs {

/// The first k items of one score for every user, best first, by dense id (from 1).
struct RecommendedLists {
  std::string name;
  std::vector<std::vector<int32_t>> lists;      ///< [n][k]; empty for a user without a ranking, who is left out
  std::vector<std::vector<float>> scores = {};  ///< [n][k] of the items; they compare within one list only
};

/// What is known about the V items. Entry 0 of everything is padding.
struct ListItems {
  std::vector<double> counts;            ///< [V + 1] training interactions of each
  int64_t users = 0;                     ///< in training
  std::vector<std::vector<int>> genres;  ///< [V + 1] numbers of its genres, ascending; may be empty
  std::vector<int> intents;              ///< [V + 1] its most probable intent
};

/// Of one score. A mean is over the users' lists; half-widths are those of 95% normal intervals over the users.
struct ListFigures {
  struct Mean {
    double value = 0, half_width = 0;
  };
  double coverage = 0;  ///< share of the V items that are in some list
  /// Of the numbers of lists c_(1) <= … <= c_(V) that the items are in: Σ_i (2 i - V - 1) c_(i) / (V Σ c). 0: all items
  /// equally often; near 1: few items have all places.
  double gini = 0;
  Mean popularity;        ///< mean training interactions of an item in a list
  Mean novelty;           ///< mean -log2(c / users) of an item in a list; an item without interactions counts as with 1
  Mean genre_diversity;   ///< mean 1 - Jaccard index of the genres of two items in a list, both with genres
  Mean intent_diversity;  ///< share of the pairs of items in a list that have different intents
};
ListFigures list_figures(const RecommendedLists& rows, const ListItems& items);

/// Writes a header and `customer_id TAB row TAB place TAB item TAB score`, atomically. `raw_items` [V + 1]: the ids to
/// write. A row's name is that of its score.
void write_lists_tsv(std::span<const RecommendedLists> rows, const std::vector<std::string>& customers,
                     const std::vector<int32_t>& raw_items, const std::filesystem::path& path);

/// A line for each row, half-widths in brackets.
Table list_table(const std::string& title, std::span<const RecommendedLists> rows, const ListItems& items);
/// {"<row>": {"users": n, "coverage": …, "gini": …, "popularity": …, "popularity_ci95": …, …}}
nlohmann::json list_json(std::span<const RecommendedLists> rows, const ListItems& items);

}  // namespace latentcrs
