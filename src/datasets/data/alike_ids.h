// Ids of a raw file that are written in two ways: "7", "07", "7.0" and "u 1", "u1".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/data/string_table.h"

namespace latentcrs {

/// `id` without blanks, leading zeros and a ".0" at its end, which pandas adds to numbers in a column with gaps.
std::string bare_id(std::string_view id);

class AlikeIds {
 public:
  /// Takes each id once, with its line. Keeps only those that are not bare.
  void add(uint32_t index, std::string_view id, int64_t line) {
    if (may_be_dressed(id)) dressed_.push_back({index, line});
  }

  struct Found {
    int64_t ids = 0;        ///< that are another one but for blanks and zeros
    int64_t line = 0;       ///< of the first such id
    std::string id, other;  ///< the first one, and one that it is like
  };
  /// `ids` holds every id taken. nullopt if none are alike.
  std::optional<Found> find(const StringTable& ids) const;

 private:
  struct Dressed {
    uint32_t index = 0;
    int64_t line = 0;
  };

  static bool may_be_dressed(std::string_view id) {
    return id.starts_with('0') || id.ends_with(".0") || id.find_first_of(" \t") != std::string_view::npos;
  }

  std::vector<Dressed> dressed_;
};

}  // namespace latentcrs
