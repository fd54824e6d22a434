// Which item of the catalogue a title in a model's words names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "latentcrs/data/item_catalogue.h"

namespace latentcrs {

class TitleIndex {
 public:
  /// `match_ratio`: edit similarity 1 - distance / longer length from which a misspelled title counts, in (0, 1]; 1:
  /// none does. The catalogue may go.
  TitleIndex(const ItemCatalogue& catalogue, double match_ratio);
  ~TitleIndex();
  TitleIndex(const TitleIndex&) = delete;
  TitleIndex& operator=(const TitleIndex&) = delete;

  /// The raw id of the item that `title` names. Case, accents, punctuation, articles, "and" and where the article
  /// stands do not count; "Heat (1995)" names no item of that name whose year is known and off by more than one. Titles
  /// of at least 8 letters may be misspelled, but not in their numbers ("Part 2" is not "Part 3"). Of several items the
  /// nearest in spelling counts, then the nearest in year, then the newest, then the one with the lowest id.
  std::optional<int64_t> find(std::string_view title) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace latentcrs
