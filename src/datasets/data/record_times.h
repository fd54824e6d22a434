// Times of interactions as datasets write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/config/dataset_options.h"

namespace latentcrs {

inline constexpr int64_t kMicrosecondsOfSecond = 1'000'000;
inline constexpr int64_t kMicrosecondsOfDay = 86'400 * kMicrosecondsOfSecond;

/// A time whose unit was found.
struct FoundTime {
  int64_t time = 0;                     ///< microseconds since 1970 in UTC
  TimeUnit unit = TimeUnit::automatic;  ///< automatic: 0, which is the same in all units
};

/// As parse_time(), with the unit.
std::optional<FoundTime> read_time(std::string_view text, TimeUnit unit);

/// Microseconds since 1970 in UTC; nullopt if `text` is no time of the unit. TimeUnit::automatic takes ISO dates, and
/// finds the unit of a number by its size: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds.
std::optional<int64_t> parse_time(std::string_view text, TimeUnit unit);

/// `16/09/2020`, `16.9.2020 10:33` for TimeUnit::day_month, `9/16/2020 10:33:11 PM` for month_day; in UTC.
std::optional<int64_t> parse_calendar_time(std::string_view text, TimeUnit order);

/// parse_iso_time(), or a date with the month as a word: `Tue Apr 03 18:00:09 +0000 2012`, `April 3, 2012`, `3 Apr
/// 2012`, `03-Apr-2012 10:33`.
std::optional<int64_t> parse_date(std::string_view text);

/// `2020-09-16`, `2020-09-16 10:33`, `2020-09-16T10:33:11.25+02:00`, `…Z`; without an offset the time is UTC.
std::optional<int64_t> parse_iso_time(std::string_view text);

}  // namespace latentcrs
