// Finding the items that people name in running text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "language/text/title_match.h"

namespace latentcrs {

/// An item that the bytes [begin, end) of a text name.
struct TitleMention {
  int64_t item = 0;  ///< raw id
  size_t begin = 0;
  size_t end = 0;
};

class TitleFinder {
 public:
  /// As TitleIndex. `match_ratio` counts for titles with a year behind them only: other titles must be spelled rightly.
  TitleFinder(const ItemCatalogue& catalogue, double match_ratio, const ItemCounts& counts = {});

  /// The mentions in `text`, in its order; they do not overlap. The longest title that ends at a place counts. A title
  /// is looked for
  ///  - before a year in brackets, which must be the film's, give or take one: "I liked Toy Story (1995)";
  ///  - in double quotes;
  ///  - elsewhere, where it has three words of content in any letters ("raiders of the lost ark"), two with capitals,
  ///    or one of at least five letters with a capital that neither begins a sentence nor has a capital beside it.
  std::vector<TitleMention> find(std::string_view text) const;

  /// The item that a title alone names (TitleIndex::find).
  std::optional<int64_t> item(std::string_view title) const { return near_.find(title); }

 private:
  TitleIndex exact_, near_;
};

}  // namespace latentcrs
