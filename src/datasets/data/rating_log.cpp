#include "datasets/data/rating_log.h"

#include <algorithm>
#include <array>

namespace latentcrs {

void PackedTimes::close() {
  constexpr std::array<int64_t, 3> kUnits = {1'000'000, 1'000, 1};  // a second, a millisecond, a microsecond
  const auto [smallest, largest] = std::minmax_element(open_.begin(), open_.end());
  const auto base = static_cast<uint64_t>(*smallest);
  const uint64_t range = static_cast<uint64_t>(*largest) - base;
  const int64_t unit = *std::find_if(kUnits.begin(), kUnits.end(), [&](int64_t candidate) {
    return std::all_of(open_.begin(), open_.end(), [&](int64_t time) {
      return (static_cast<uint64_t>(time) - base) % static_cast<uint64_t>(candidate) == 0;
    });
  });
  const uint64_t multiples = range / static_cast<uint64_t>(unit);
  const size_t high_words = multiples >> 32 == 0 ? 0 : multiples >> 48 == 0 ? 1 : 2;
  blocks_.push_back({*smallest, unit, high_.size(), high_words});
  for (const int64_t time : open_) {
    const uint64_t multiple = (static_cast<uint64_t>(time) - base) / static_cast<uint64_t>(unit);
    low_.push_back(static_cast<uint32_t>(multiple));
    for (size_t word = 0; word < high_words; ++word)
      high_.push_back(static_cast<uint16_t>(multiple >> (32 + 16 * word)));
  }
  open_.clear();
}

}  // namespace latentcrs
