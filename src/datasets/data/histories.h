// Lists of items, one for each example or user, in one block of memory (CSR).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace latentcrs {

/// Item histories in dense ids, oldest first.
struct Histories {
  std::vector<int64_t> offsets = {0};  ///< [n + 1]; history i is items[offsets[i] .. offsets[i+1])
  std::vector<int32_t> items;

  int64_t size() const { return static_cast<int64_t>(offsets.size()) - 1; }
  std::span<const int32_t> of(int64_t i) const {
    return {items.data() + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i])};
  }
  void add(std::span<const int32_t> history) {
    items.insert(items.end(), history.begin(), history.end());
    offsets.push_back(static_cast<int64_t>(items.size()));
  }
};

}  // namespace latentcrs
