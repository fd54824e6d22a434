// What the values of a column look like: numbers, times, ratings, ids, an index.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "base/config/dataset_options.h"

namespace latentcrs {

struct ColumnProfile {
  int64_t values = 0;  ///< that are not empty
  int64_t empty = 0;
  int64_t numbers = 0, whole_numbers = 0;
  int64_t halves = 0;  ///< numbers that are whole when doubled
  int64_t iso_times = 0;
  int64_t day_first = 0, month_first = 0;  ///< dates that can be read in that order
  int64_t distinct = 0;
  int64_t runs = 0;  ///< of equal neighbours
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();
  bool counts_up = true;       ///< each number is larger than the one before
  bool decimal_comma = false;  ///< some numbers are written 4,5
  int64_t letters = 0;         ///< values with a letter
  int64_t blanks = 0;          ///< values with a blank inside

  bool is_number() const { return values > 0 && numbers == values; }
  bool is_whole() const { return values > 0 && whole_numbers == values; }
  /// Few different numbers, as ratings are.
  bool may_be_rating() const;
  /// Among columns whose names say nothing: more than one number, whole or with a half.
  bool may_be_stars() const { return may_be_rating() && distinct > 1 && halves == values; }
  /// Every value is a time between 1980 and 2100, or a date.
  bool may_be_time() const;
  /// Texts or whole numbers that occur again.
  bool may_be_id() const { return values > 0 && (!is_number() || is_whole()); }
  bool reads_like_words() const { return values > 0 && 2 * blanks > values; }
};

ColumnProfile profile_column(const std::vector<std::string>& texts);

/// "4", "4.5" or "4,5"; nullopt for other text.
std::optional<double> number_in(const std::string& text);

/// A unit in which a column's times can be read, and how that was found.
struct TimeReading {
  TimeUnit unit = TimeUnit::automatic;
  std::string why;
};
/// Several if the values do not say which is right; none if they are no times.
std::vector<TimeReading> time_readings(const ColumnProfile& column);

}  // namespace latentcrs
