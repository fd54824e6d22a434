#include "data/string_table.h"

#include <algorithm>
#include <functional>

#include "util/error.h"

namespace latentcrs {
namespace {

constexpr size_t kBlock = size_t{1} << 20;

uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

}  // namespace

StringTable::StringTable() : slots_(1024) {}

uint32_t StringTable::intern(std::string_view text) {
  const uint64_t hash = hash_of(text);
  size_t slot = slot_of(text, hash);
  if (slots_[slot].index != kNone) return slots_[slot].index;
  if (texts_.size() >= kNone - 1) throw internal_error("more than 4 billion distinct ids");
  if (2 * (texts_.size() + 1) > slots_.size()) {
    grow();
    slot = slot_of(text, hash);
  }
  slots_[slot] = {size(), static_cast<uint32_t>(hash >> 32)};
  texts_.push_back(store(text));
  return size() - 1;
}

uint32_t StringTable::find(std::string_view text) const { return slots_[slot_of(text, hash_of(text))].index; }

size_t StringTable::slot_of(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  const auto tag = static_cast<uint32_t>(hash >> 32);
  size_t slot = hash & mask;
  while (slots_[slot].index != kNone && (slots_[slot].tag != tag || texts_[slots_[slot].index] != text)) {
    slot = (slot + 1) & mask;
  }
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

void StringTable::grow() {
  slots_.assign(slots_.size() * 2, Slot{});
  for (uint32_t i = 0; i < size(); ++i) {
    const uint64_t hash = hash_of(texts_[i]);
    slots_[slot_of(texts_[i], hash)] = {i, static_cast<uint32_t>(hash >> 32)};
  }
}

}  // namespace latentcrs
