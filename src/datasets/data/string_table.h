// Strings to small integers: each distinct string is stored once, in large blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace latentcrs {

class StringTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  StringTable();
  static uint64_t hash(std::string_view text) { return std::hash<std::string_view>{}(text); }
  /// Index of `text`: 0, 1, 2, … in order of first appearance.
  uint32_t intern(std::string_view text) { return intern(text, hash(text)); }
  /// The same for a hash that is known.
  uint32_t intern(std::string_view text, uint64_t hash);
  /// Loads what intern() of texts with these hashes will compare into the cache, all at the same time.
  void prefetch(std::span<const uint64_t> hashes) const;
  /// kNone if `text` was never interned.
  uint32_t find(std::string_view text) const;
  std::string_view operator[](uint32_t index) const { return texts_[index]; }
  uint32_t size() const { return static_cast<uint32_t>(texts_.size()); }

 private:
  /// A short text is compared inside its slot, so that looking up an id of a few letters touches one cache line.
  struct Slot {
    uint32_t index = kNone;
    uint32_t tag = 0;   ///< of the upper half of the hash and of the size
    uint64_t word = 0;  ///< the letters of a short text, the address of a longer one
  };

  static uint32_t tag_of(std::string_view text, uint64_t hash);
  static bool is_short(std::string_view text) { return text.size() <= sizeof(Slot::word); }
  static uint64_t word_of(std::string_view text);
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
