// What a person says about the items of the last turn: "not 2", "more like the first", "something older". No model is
// asked; what is not recognised counts as words for the recommender.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latentcrs {

/// An item of the last turn as the person sees it: its number is its place in the list, from 1.
struct ListedItem {
  std::int64_t id = 0;
  std::string title;  ///< "Toy Story (1995)"
  int year = 0;       ///< 0: unknown
};

enum class YearWish { none, older, newer };

/// A criticism of the last turn. Ids are those of the dataset.
struct Criticism {
  std::vector<std::int64_t> refused = {};  ///< they are not shown again; the others of the list stay
  std::vector<std::int64_t> liked = {};    ///< more like these; they need not have been shown
  bool refuses_all = false;                ///< another list
  YearWish year = YearWish::none;
  std::optional<int> than = {};  ///< the year for `year`; without it the median year of the last list

  bool is_empty() const { return *this == Criticism{}; }
  bool operator==(const Criticism&) const = default;
};

/// A sentence, understood.
struct Reply {
  Criticism criticism = {};
  std::vector<std::int64_t> taken = {};  ///< items that the person accepts
  std::string words = {};  ///< for the recommender: the clauses that are no criticism, as they were written

  bool operator==(const Reply&) const = default;
};

/// The item that a title names, or nothing.
using FindTitle = std::function<std::optional<std::int64_t>(std::string_view title)>;

/// Reads a sentence about the items of `shown`. A clause is a criticism if each of its words belongs to one; otherwise
/// it is words. Items are named by number ("2", "number 2", "the second", "the last"), by "that one" (the first) or by
/// their title, with or without year. "Something like Alien" is a criticism where `find_title` knows the title, also
/// where nothing was shown yet; everything else is words then.
Reply read_reply(std::string_view sentence, std::span<const ListedItem> shown, const FindTitle& find_title = {});

}  // namespace latentcrs
