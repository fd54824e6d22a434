// Finding the item of the catalogue that a title in a language model's words names.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "datasets/data/item_catalogue.h"

namespace latentcrs {

/// How often each item occurs in the data, by raw id; an item that is not listed has the count 0.
using ItemCounts = std::unordered_map<int64_t, int64_t>;

class TitleIndex {
 public:
  /// `match_ratio` in (0, 1] is the edit similarity 1 - distance / longer length from which a misspelled title counts;
  /// at 1 misspelled titles never count. `counts` tells which items are well known; without counts no item is. The
  /// index does not refer to `catalogue` afterwards.
  TitleIndex(const ItemCatalogue& catalogue, double match_ratio, ItemCounts counts = {});
  ~TitleIndex();
  TitleIndex(const TitleIndex&) = delete;
  TitleIndex& operator=(const TitleIndex&) = delete;

  /// Returns the raw id of the item that `title` names, or nullopt. Case, accents, punctuation, "and", inner articles,
  /// the place of the article and the spelling of numbers do not count. "Heat (1995)" does not name an item whose known
  /// year differs by more than one, and a title with the words of a television series names no item.
  ///
  /// The title as it is written is preferred to alternative titles, these to parts and short names ("The Empire Strikes
  /// Back", "Terminator 2"), and these to misspelled titles. Among several items the order is: nearest year, best
  /// known, newest, lowest id. Parts, short names and misspelled titles that fit two items of similar fame name
  /// neither.
  ///
  /// Another article at the beginning means another title ("The Heat"), with three exceptions: the year agrees, the
  /// title has three words of content, or the item is well known. Well known here means: it occurs five times as often
  /// as the mean item, or as often as the mean item where two words of content have an additional or another article.
  ///
  /// Titles of at least 8 letters may be misspelled, but not in their numbers ("Part 2" is not "Part 3"); differences
  /// in spaces and doubled letters do not count as mistakes.
  std::optional<int64_t> find(std::string_view title) const;

 private:
  struct Impl;
  std::unique_ptr<const Impl> impl_;
};

}  // namespace latentcrs
