// Strings to small integers: each distinct string is stored once, in large blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace latentcrs {

class StringTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  StringTable();
  /// Index of `text`: 0, 1, 2, … in order of first appearance.
  uint32_t intern(std::string_view text);
  /// kNone if `text` was never interned.
  uint32_t find(std::string_view text) const;
  std::string_view operator[](uint32_t index) const { return texts_[index]; }
  uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }

 private:
  struct Slot {
    uint32_t index = kNone;
    uint32_t tag = 0;  ///< upper half of the hash, compared before the text
  };

  size_t slot_of(std::string_view text, uint64_t hash) const;
  std::string_view store(std::string_view text);
  void grow();

  std::vector<Slot> slots_;  ///< open addressing, a power of two of them, at most half full
  std::vector<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* block_end_ = nullptr;
  size_t block_left_ = 0;
};

}  // namespace latentcrs
