#include "datasets/data/string_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/util/error.h"

namespace latentcrs {
namespace {

constexpr size_t kBlock = size_t{1} << 20;
constexpr uint32_t kSizeBits = 0xF;

template <class Number>
uint64_t letters_at(const char* text) {
  Number number = 0;
  std::memcpy(&number, text, sizeof(number));
  return number;
}

}  // namespace

StringTable::StringTable() : slots_(1024) {}

/// The last bits are the size, up to 15: a short text and a longer one never have the same tag.
uint32_t StringTable::tag_of(std::string_view text, uint64_t hash) {
  return (static_cast<uint32_t>(hash >> 32) & ~kSizeBits) |
         static_cast<uint32_t>(std::min<size_t>(text.size(), kSizeBits));
}

/// Of a short text a number that no other text of the same size has.
uint64_t StringTable::word_of(std::string_view text) {
  const size_t size = text.size();
  if (!is_short(text)) return std::bit_cast<uint64_t>(text.data());
  if (size >= 4) return letters_at<uint32_t>(text.data()) | letters_at<uint32_t>(text.data() + size - 4) << 32;
  if (size >= 2) return letters_at<uint16_t>(text.data()) | letters_at<uint16_t>(text.data() + size - 2) << 16;
  return size == 1 ? letters_at<uint8_t>(text.data()) : 0;
}

uint32_t StringTable::intern(std::string_view text, uint64_t hash) {
  size_t slot = slot_of(text, hash);
  if (slots_[slot].index != kNone) return slots_[slot].index;
  if (texts_.size() >= kNone - 1) throw internal_error("more than 4 billion distinct ids");
  if (2 * (texts_.size() + 1) > slots_.size()) {
    grow();
    slot = slot_of(text, hash);
  }
  texts_.push_back(store(text));
  slots_[slot] = {size() - 1, tag_of(text, hash), word_of(texts_.back())};
  return size() - 1;
}

uint32_t StringTable::find(std::string_view text) const { return slots_[slot_of(text, hash(text))].index; }

void StringTable::prefetch(std::span<const uint64_t> hashes) const {
  const size_t mask = slots_.size() - 1;
  for (const uint64_t hash : hashes) __builtin_prefetch(&slots_[hash & mask]);
  for (const uint64_t hash : hashes) {
    const Slot& slot = slots_[hash & mask];
    const bool is_address = slot.index != kNone && (slot.tag & kSizeBits) > sizeof(Slot::word);
    if (is_address) __builtin_prefetch(std::bit_cast<const char*>(slot.word));
  }
}

/// Longer texts of up to 14 letters have their size in the tag; only beyond them the table of texts is looked at.
size_t StringTable::slot_of(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  const uint32_t tag = tag_of(text, hash);
  const uint64_t word = word_of(text);
  const auto is_same = [&](const Slot& slot) {
    if (slot.tag != tag) return false;
    if (is_short(text)) return slot.word == word;
    if (text.size() >= kSizeBits && texts_[slot.index].size() != text.size()) return false;
    return std::memcmp(std::bit_cast<const char*>(slot.word), text.data(), text.size()) == 0;
  };
  size_t slot = hash & mask;
  while (slots_[slot].index != kNone && !is_same(slots_[slot])) slot = (slot + 1) & mask;
  return slot;
}

std::string_view StringTable::store(std::string_view text) {
  if (text.size() > block_left_) {
    block_left_ = std::max(kBlock, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(block_left_));
    block_end_ = blocks_.back().get() + block_left_;
  }
  char* to = block_end_ - block_left_;
  std::copy(text.begin(), text.end(), to);
  block_left_ -= text.size();
  return {to, text.size()};
}

/// The hashes are computed again: slots keep a part of them only.
void StringTable::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  for (uint32_t i = 0; i < size(); ++i) {
    const uint64_t whole = hash(texts_[i]);
    slots_[slot_of(texts_[i], whole)] = {i, tag_of(texts_[i], whole), word_of(texts_[i])};
  }
}

}  // namespace latentcrs
