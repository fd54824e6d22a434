#include "datasets/data/record_times.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/util/text.h"

namespace latentcrs {
namespace {

/// Takes exactly `digits` digits off `rest`.
bool take_digits(std::string_view& rest, size_t digits, int& out) {
  if (rest.size() < digits) return false;
  const auto [end, failure] = std::from_chars(rest.data(), rest.data() + digits, out);
  if (!is_digit(rest[0]) || failure != std::errc{} || end != rest.data() + digits) return false;
  rest.remove_prefix(digits);
  return true;
}

/// Takes a number of one or two digits.
bool take_short_number(std::string_view& rest, int& out) {
  return take_digits(rest, 2, out) || take_digits(rest, 1, out);
}

bool take_one_of(std::string_view& rest, std::string_view letters) {
  if (rest.empty() || letters.find(rest[0]) == std::string_view::npos) return false;
  rest.remove_prefix(1);
  return true;
}

/// Takes `HH:MM[:SS[.ffffff]]` and adds it to `time`, in microseconds.
bool take_clock(std::string_view& rest, int64_t& time) {
  int hours = 0, minutes = 0, seconds = 0;
  if (!take_short_number(rest, hours) || !take_one_of(rest, ":") || !take_digits(rest, 2, minutes)) return false;
  if (take_one_of(rest, ":") && !take_digits(rest, 2, seconds)) return false;
  if (hours > 23 || minutes > 59 || seconds > 60) return false;
  time += (int64_t{hours} * 3600 + minutes * 60 + seconds) * kMicrosecondsOfSecond;
  if (!take_one_of(rest, ".,")) return true;
  int64_t unit = kMicrosecondsOfSecond;
  for (int digit = 0; take_digits(rest, 1, digit);) {
    unit /= 10;
    time += digit * unit;
  }
  return unit < kMicrosecondsOfSecond;
}

/// Takes `Z` or `±HH[:MM]`, and subtracts it from `time`.
bool take_offset(std::string_view& rest, int64_t& time) {
  if (take_one_of(rest, "Zz")) return true;
  const bool behind = rest.starts_with('-');
  int hours = 0, minutes = 0;
  if (!take_one_of(rest, "+-") || !take_digits(rest, 2, hours)) return false;
  take_one_of(rest, ":");
  if (!rest.empty() && !take_digits(rest, 2, minutes)) return false;
  const int64_t offset = (int64_t{hours} * 60 + minutes) * 60 * kMicrosecondsOfSecond;
  time += behind ? offset : -offset;
  return true;
}

std::optional<int64_t> midnight_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count() * kMicrosecondsOfDay;
}

/// Takes ` AM` or ` PM`; noon and midnight are 12.
void take_half_of_day(std::string_view& rest, int64_t& time) {
  constexpr int64_t kHalfDay = kMicrosecondsOfDay / 2;
  const std::string half = lower_case(trimmed(rest));
  if (half != "am" && half != "pm") return;
  rest = {};
  const bool twelve = time % kMicrosecondsOfDay >= kHalfDay;
  if (half == "pm" && !twelve) time += kHalfDay;
  if (half == "am" && twelve) time -= kHalfDay;
}

/// Takes the name of a month, or its first three letters; 0 if there is none.
int take_month(std::string_view& rest) {
  constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                        "may",       "june",     "july",     "august",
                                                        "september", "october",  "november", "december"};
  const size_t length = std::min(rest.find_first_of(" ,.-/"), rest.size());
  const std::string word = lower_case(rest.substr(0, length));
  constexpr size_t kShort = 3;
  for (size_t month = 0; month < kMonths.size(); ++month) {
    if (word.size() < kShort || !(word == kMonths[month] || word == kMonths[month].substr(0, kShort))) continue;
    rest.remove_prefix(length);
    return static_cast<int>(month) + 1;
  }
  return 0;
}

void skip(std::string_view& rest, std::string_view letters) {
  while (take_one_of(rest, letters)) {
  }
}

/// `Apr 03 18:00:09 +0000 2012`, after the day of the week.
std::optional<int64_t> parse_c_time(std::string_view rest) {
  int day = 0, year = 0;
  int64_t clock = 0;
  const int month = take_month(rest);
  skip(rest, " ");
  if (month == 0 || !take_short_number(rest, day) || !take_one_of(rest, " ") || !take_clock(rest, clock))
    return std::nullopt;
  skip(rest, " ");
  if ((rest.starts_with('+') || rest.starts_with('-')) && !take_offset(rest, clock)) return std::nullopt;
  skip(rest, " ");
  if (!take_digits(rest, 4, year) || !rest.empty()) return std::nullopt;
  const std::optional<int64_t> midnight = midnight_of(year, month, day);
  return midnight ? std::optional(*midnight + clock) : std::nullopt;
}

/// `April 3, 2012`, `3 Apr 2012`, `03-Apr-2012 10:33`.
std::optional<int64_t> parse_month_word(std::string_view rest) {
  int month = take_month(rest), day = 0, year = 0;
  skip(rest, " .");
  if (!take_short_number(rest, day)) return std::nullopt;
  skip(rest, " ,.-/");
  if (month == 0) month = take_month(rest);
  skip(rest, " ,.-/");
  if (month == 0 || !take_digits(rest, 4, year)) return std::nullopt;
  const std::optional<int64_t> midnight = midnight_of(year, month, day);
  int64_t time = midnight.value_or(0);
  skip(rest, " ,");
  if (!rest.empty() && !take_clock(rest, time)) return std::nullopt;
  take_half_of_day(rest, time);
  return midnight && trimmed(rest).empty() ? std::optional(time) : std::nullopt;
}

bool has_letter(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
}

std::optional<int64_t> scaled(std::string_view text, double per_second) {
  const double factor = static_cast<double>(kMicrosecondsOfSecond) / per_second;
  constexpr double kLargest = 9e18;
  int64_t whole = 0;
  const char* const last = text.data() + text.size();
  if (const auto [end, failure] = std::from_chars(text.data(), last, whole); failure == std::errc{} && end == last) {
    if (std::abs(static_cast<double>(whole) * factor) >= kLargest) return std::nullopt;
    return factor >= 1 ? whole * static_cast<int64_t>(factor) : whole / static_cast<int64_t>(1 / factor);
  }
  double number = 0;
  const auto [end, failure] = std::from_chars(text.data(), last, number);
  if (failure != std::errc{} || end != last || !(std::abs(number * factor) < kLargest)) return std::nullopt;
  return std::llround(number * factor);
}

TimeUnit unit_by_size(std::string_view text) {
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  const double size = std::abs(number);
  return size == 0     ? TimeUnit::automatic
         : size < 1e11 ? TimeUnit::seconds
         : size < 1e14 ? TimeUnit::milliseconds
         : size < 1e17 ? TimeUnit::microseconds
                       : TimeUnit::nanoseconds;
}

}  // namespace

std::optional<int64_t> parse_iso_time(std::string_view text) {
  std::string_view rest = text;
  int year = 0, month = 0, day = 0;
  if (!take_digits(rest, 4, year) || !take_one_of(rest, "-") || !take_digits(rest, 2, month)) return std::nullopt;
  if (!take_one_of(rest, "-") || !take_digits(rest, 2, day)) return std::nullopt;
  const std::optional<int64_t> midnight = midnight_of(year, month, day);
  if (!midnight) return std::nullopt;
  int64_t time = *midnight;
  if (!rest.empty() && (!take_one_of(rest, " T") || !take_clock(rest, time))) return std::nullopt;
  rest = trimmed(rest);
  if (!rest.empty() && !take_offset(rest, time)) return std::nullopt;
  return rest.empty() ? std::optional(time) : std::nullopt;
}

std::optional<int64_t> parse_date(std::string_view text) {
  if (const auto time = parse_iso_time(text)) return time;
  if (!has_letter(text)) return std::nullopt;
  constexpr size_t kDayOfWeek = 3;
  std::string_view rest = trimmed(text);
  const bool weekday = rest.size() > kDayOfWeek + 1 && (rest[kDayOfWeek] == ' ' || rest[kDayOfWeek] == ',');
  if (weekday && has_letter(rest.substr(0, 1))) {
    std::string_view after = trimmed(rest.substr(kDayOfWeek + 1));
    if (const auto time = parse_c_time(after)) return time;
    if (const auto time = parse_month_word(after); time && !is_digit(rest[0])) return time;
  }
  return parse_month_word(rest);
}

std::optional<int64_t> parse_calendar_time(std::string_view text, TimeUnit order) {
  std::string_view rest = text;
  int first = 0, second = 0, year = 0;
  if (!take_short_number(rest, first) || !take_one_of(rest, "/.-")) return std::nullopt;
  if (!take_short_number(rest, second) || !take_one_of(rest, "/.-") || !take_digits(rest, 4, year)) return std::nullopt;
  const bool day_first = order == TimeUnit::day_month;
  const std::optional<int64_t> midnight = midnight_of(year, day_first ? second : first, day_first ? first : second);
  if (!midnight) return std::nullopt;
  int64_t time = *midnight;
  take_one_of(rest, ",");
  if (!rest.empty() && (!take_one_of(rest, " T") || !take_clock(rest, time))) return std::nullopt;
  take_half_of_day(rest, time);
  return trimmed(rest).empty() ? std::optional(time) : std::nullopt;
}

std::optional<int64_t> parse_time(std::string_view text, TimeUnit unit) {
  text = trimmed(text);
  switch (unit) {
    case TimeUnit::seconds: return scaled(text, 1);
    case TimeUnit::milliseconds: return scaled(text, 1e3);
    case TimeUnit::microseconds: return scaled(text, 1e6);
    case TimeUnit::nanoseconds: return scaled(text, 1e9);
    case TimeUnit::iso: return parse_date(text);
    case TimeUnit::day_month:
    case TimeUnit::month_day: return parse_calendar_time(text, unit);
    default: break;
  }
  const std::optional<FoundTime> found = read_time(text, unit);
  return found ? std::optional(found->time) : std::nullopt;
}

std::optional<FoundTime> read_time(std::string_view text, TimeUnit unit) {
  if (unit != TimeUnit::automatic) {
    const std::optional<int64_t> time = parse_time(text, unit);
    return time ? std::optional(FoundTime{*time, unit}) : std::nullopt;
  }
  text = trimmed(text);
  if (const auto time = parse_date(text)) return FoundTime{*time, TimeUnit::iso};
  const TimeUnit found = unit_by_size(text);
  const auto time = parse_time(text, found == TimeUnit::automatic ? TimeUnit::seconds : found);
  return time ? std::optional(FoundTime{*time, found}) : std::nullopt;
}

}  // namespace latentcrs
