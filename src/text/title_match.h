// Which item of the catalogue a title in a model's words names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "data/item_catalogue.h"

namespace latentcrs {

/// How often each item, by raw id, occurs in the data; an item that is not there occurs never.
using ItemCounts = std::unordered_map<int64_t, int64_t>;

class TitleIndex {
 public:
  /// `match_ratio`: edit similarity 1 - distance / longer length from which a misspelled title counts, in (0, 1]; 1:
  /// none does. `counts` says which items are well known; without them nothing is taken for well known. The catalogue
  /// may go.
  TitleIndex(const ItemCatalogue& catalogue, double match_ratio, ItemCounts counts = {});
  ~TitleIndex();
  TitleIndex(const TitleIndex&) = delete;
  TitleIndex& operator=(const TitleIndex&) = delete;

  /// The raw id of the item that `title` names. Case, accents, punctuation, "and", inner articles, where the article
  /// stands and how numbers are written do not count. "Heat (1995)" names no item of that name whose year is known and
  /// off by more than one, and what is said to be a television series names none.
  ///
  /// The title as it is goes before alternative titles, these before parts and short names ("The Empire Strikes Back",
  /// "Terminator 2"), and all of them before misspelled ones. Of several items the nearest in year counts, then the
  /// best known, then the newest, then the one with the lowest id; but parts, short names and misspelled titles that
  /// two items of like fame answer to name neither.
  ///
  /// Another article at the beginning is another title ("The Heat"), unless the year agrees, or three words of content
  /// or the item's fame say otherwise: one that occurs five times as often as the mean, or, where two words have got an
  /// article too many or another one, as often as the mean.
  ///
  /// Titles of at least 8 letters may be misspelled, but not in their numbers ("Part 2" is not "Part 3"); spaces and
  /// doubled letters are no mistake.
  std::optional<int64_t> find(std::string_view title) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace latentcrs
