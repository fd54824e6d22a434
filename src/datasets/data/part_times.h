// Times of interactions whose part of a split is given: one number that sorts by part, then by time, so that filters
// and sorts carry both.
#pragma once

#include <cstdint>

namespace latentcrs {

enum class Part : int64_t { train = 0, valid = 1, test = 2 };

/// Times that fit lie in (-2^59, 2^59); microseconds of 18,000 years do.
inline constexpr int64_t kPartWidth = int64_t{1} << 60;
inline constexpr int64_t kLargestPartTime = kPartWidth / 2 - 1;

constexpr int64_t time_in_part(Part part, int64_t time) { return static_cast<int64_t>(part) * kPartWidth + time; }
constexpr Part part_of(int64_t time_in_part) { return static_cast<Part>((time_in_part + kPartWidth / 2) / kPartWidth); }
/// The time without the part.
constexpr int64_t plain_time(int64_t time_in_part) {
  return time_in_part - static_cast<int64_t>(part_of(time_in_part)) * kPartWidth;
}

}  // namespace latentcrs
