#include "datasets/data/column_profile.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "base/util/text.h"
#include "datasets/data/record_times.h"

namespace latentcrs {
namespace {

constexpr double kSecondsOf1980 = 315'532'800, kSecondsOf2100 = 4'102'444'800;
/// Seconds of 1989 to 2055 divided by 1000.
constexpr double kFirstThousandth = 600'000, kLastThousandth = 31 * 86'400;

bool lies_in(const ColumnProfile& column, double low, double high) {
  return column.is_number() && column.lowest >= low && column.highest < high;
}

bool is_first_of(const ColumnProfile& column, double per_second) {
  return lies_in(column, kSecondsOf1980 * per_second, kSecondsOf2100 * per_second);
}

void add_value(ColumnProfile& column, const std::string& text, std::set<std::string>& seen, double& before) {
  ++column.values;
  seen.insert(text);
  column.iso_times += parse_date(text).has_value();
  column.day_first += parse_calendar_time(text, TimeUnit::day_month).has_value();
  column.month_first += parse_calendar_time(text, TimeUnit::month_day).has_value();
  column.blanks += text.find(' ') != std::string::npos;
  column.letters += std::any_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
  });
  const std::optional<double> number = number_in(text);
  if (!number) {
    column.counts_up = false;
    return;
  }
  ++column.numbers;
  column.whole_numbers += std::floor(*number) == *number && text.find_first_of(".,eE") == std::string::npos;
  column.halves += std::floor(2 * *number) == 2 * *number;
  column.decimal_comma = column.decimal_comma || text.find(',') != std::string::npos;
  column.lowest = std::min(column.lowest, *number);
  column.highest = std::max(column.highest, *number);
  column.counts_up = column.counts_up && *number > before;
  before = *number;
}

}  // namespace

std::optional<double> number_in(const std::string& text) {
  std::string number(trimmed(text));
  const size_t comma = number.find(',');
  if (comma != std::string::npos && number.size() - comma <= 3) number[comma] = '.';
  double value = 0;
  const char* const last = number.data() + number.size();
  const auto [end, failure] = std::from_chars(number.data(), last, value);
  const bool whole = failure == std::errc{} && end == last && !number.empty();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

ColumnProfile profile_column(const std::vector<std::string>& texts) {
  ColumnProfile column;
  std::set<std::string> seen;
  double before = -std::numeric_limits<double>::infinity();
  const std::string* last = nullptr;
  for (const std::string& text : texts) {
    if (text.empty()) {
      ++column.empty;
      continue;
    }
    column.runs += last == nullptr || *last != text;
    last = &text;
    add_value(column, text, seen, before);
  }
  column.distinct = static_cast<int64_t>(seen.size());
  column.counts_up = column.counts_up && column.values > 1;
  return column;
}

bool ColumnProfile::may_be_rating() const {
  constexpr int64_t kMostStars = 21;
  constexpr double kBest = 100;
  return is_number() && distinct <= kMostStars && lowest >= 0 && highest <= kBest && distinct < values;
}

bool ColumnProfile::may_be_time() const {
  return values > 0 && (iso_times == values || day_first == values || month_first == values || is_first_of(*this, 1) ||
                        is_first_of(*this, 1e3) || is_first_of(*this, 1e6) || is_first_of(*this, 1e9));
}

std::vector<TimeReading> time_readings(const ColumnProfile& column) {
  if (column.values == 0) return {};
  if (column.iso_times == column.values) return {{TimeUnit::iso, "dates that can be read in one way"}};
  const bool day_first = column.day_first == column.values, month_first = column.month_first == column.values;
  if (day_first && month_first)
    return {{TimeUnit::day_month, "dates with the day before the month"},
            {TimeUnit::month_day, "dates with the month before the day"}};
  if (day_first) return {{TimeUnit::day_month, "dates; the first number goes beyond 12, so it is the day"}};
  if (month_first) return {{TimeUnit::month_day, "dates; the second number goes beyond 12, so it is the day"}};
  if (!column.is_number()) return {};
  if (lies_in(column, kFirstThousandth, kLastThousandth))
    return {{TimeUnit::seconds,
             "all times lie in January 1970, as seconds divided by 1000 do, which pandas 3 makes of dates "
             "(astype('int64') // 10**9): better write them again; taken as they are, many are equal"},
            {TimeUnit::file_order, "the times are wrong (January 1970): the order of the lines is taken"}};
  if (is_first_of(column, 1e3)) return {{TimeUnit::milliseconds, "milliseconds since 1970"}};
  if (is_first_of(column, 1e6)) return {{TimeUnit::microseconds, "microseconds since 1970"}};
  if (is_first_of(column, 1e9)) return {{TimeUnit::nanoseconds, "nanoseconds since 1970"}};
  const bool dates = is_first_of(column, 1);
  return {{TimeUnit::seconds, dates ? "seconds since 1970" : "numbers that are no dates; only their order counts"}};
}

}  // namespace latentcrs
