// The items of a list by the words that name them: "2", "the second one", "that one", a title.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "language/text/words.h"
#include "service/talk/criticism.h"

namespace latentcrs {

/// The words of a clause, read from left to right.
struct WordCursor {
  std::span<const Word> words;
  size_t next = 0;

  bool at_end() const { return next == words.size(); }
  /// Steps over `phrase`, words with single spaces between, if it comes next.
  bool take(std::string_view phrase);
};

/// How items are named.
enum class Naming {
  any,            ///< also by "that one" and by title
  numbers_alone,  ///< by number and place only
};

class ItemReferences {
 public:
  /// `shown` outlives the object.
  explicit ItemReferences(std::span<const ListedItem> shown);

  /// Steps over one or several items ("the first and 3") and returns them; empty, and nothing is read, where there are
  /// none.
  std::vector<ListedItem> take(WordCursor& words, Naming naming) const;

 private:
  std::vector<ListedItem> take_one(WordCursor& words, Naming naming) const;
  std::vector<ListedItem> take_number(WordCursor& words) const;
  std::vector<ListedItem> take_title(WordCursor& words) const;
  std::vector<ListedItem> at_place(size_t place) const;

  struct Name {
    std::string words;
    size_t place = 0;  ///< from 1
  };
  std::span<const ListedItem> shown_;
  std::vector<Name> names_;  ///< the longest first
};

}  // namespace latentcrs
