#include "datasets/data/record_survey.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "base/util/error.h"
#include "datasets/data/raw_reader.h"
#include "datasets/data/record_times.h"

namespace latentcrs {
namespace {

struct NumericUnit {
  TimeUnit unit;
  const char *name, *value;
};
constexpr NumericUnit kNumericUnits[] = {{TimeUnit::seconds, "seconds", "s"},
                                         {TimeUnit::milliseconds, "milliseconds", "ms"},
                                         {TimeUnit::microseconds, "microseconds", "us"},
                                         {TimeUnit::nanoseconds, "nanoseconds", "ns"}};
constexpr double kFiveStars = 5;
/// Seconds of 1989 and later divided by 1000 lie between these times.
constexpr int64_t kFirstOfThousandths = 600'000 * kMicrosecondsOfSecond;
/// Times that are seconds since 1970 reach this one, of 1973.
constexpr int64_t kFirstSeconds = 100'000'000 * kMicrosecondsOfSecond;
constexpr int64_t kFebruary1970 = 31 * kMicrosecondsOfDay;
/// Lines that are earlier than the user's line before, for each one that is later, in a log that is newest first.
constexpr int64_t kEarlierForEachLater = 9;

}  // namespace

const char* kept_order(Ties ties) {
  return ties == Ties::reversed ? "have the reverse order of the file" : "keep the order of the file";
}

int64_t RecordSurvey::microseconds_of_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

void RecordSurvey::add_time(uint32_t user, int64_t time, int64_t line) {
  if (user >= last_.size()) last_.resize(std::max<size_t>(2 * last_.size(), user + size_t{1}), kNoTime);
  const int64_t before = last_[user];
  if (before != kNoTime) {
    later_ += time > before;
    earlier_ += time < before;
    equal_ += time == before;
  }
  last_[user] = time;
  ++times_;
  if (time <= 0) zero_.add(line);
  if (time > now_ + kMicrosecondsOfDay) future_.add(line);
  whole_days_ += time % kMicrosecondsOfDay == 0;
  first_time_ = std::min(first_time_, time);
  last_time_ = std::max(last_time_, time);
}

void RecordSurvey::add_rating(double rating) {
  ++ratings_;
  best_rating_ = std::max(best_rating_, rating);
  worst_rating_ = std::min(worst_rating_, rating);
}

void RecordSurvey::check_times(const std::filesystem::path& path, const FileLines& places,
                               const DatasetOptions& options) const {
  check_units(path, places);
  const bool in_january = times_ > 0 && first_time_ >= kFirstOfThousandths && last_time_ < kFebruary1970;
  if (!in_january || options.time_unit != TimeUnit::automatic)
    return check_doubtful_times(places, options.limits.doubtful_times);
  throw data_error(
      fmt::format("{}: all {} times lie in January 1970 ({} to {}): they look like seconds divided by 1000, which "
                  "pandas 3 makes of dates (astype('int64') // 10**9), so that many of them are equal; write them "
                  "again, or set datasets.time_unit=s to take them as they are",
                  path.string(), times_, first_time_ / kMicrosecondsOfSecond, last_time_ / kMicrosecondsOfSecond));
}

/// A file of one unit may hold numbers that are as large as those of another one; only the user knows.
void RecordSurvey::check_units(const std::filesystem::path& path, const FileLines& places) const {
  std::vector<std::string> looks;
  for (const auto& [unit, name, value] : kNumericUnits) {
    const Lines& lines = units_[static_cast<size_t>(unit)];
    if (lines.count > 0)
      looks.push_back(fmt::format("{} look like {} (first {})", lines.count, name, places.place(lines.first)));
  }
  if (looks.size() > 1)
    throw data_error(
        fmt::format("{}: times have several units: of its lines {}; set datasets.time_unit to the unit of "
                    "all of them, or write them in one",
                    path.string(), fmt::join(looks, ", ")));
}

RecordSurvey::Lines RecordSurvey::zero_times() const { return last_time_ < kFirstSeconds ? Lines() : zero_; }

void RecordSurvey::check_doubtful_times(const FileLines& places, double accepted) const {
  const Lines zero = zero_times();
  if (!too_many(zero.count + future_.count, times_, accepted)) return;
  throw data_error(fmt::format(
      "{}: {} of {} times are 0 or less and {} lie in the future: more than datasets.limits.doubtful_times={:g} "
      "allows (datasets.time_unit says the unit, `order` takes the order of the file)",
      places.place(zero.count > 0 ? zero.first : future_.first), zero.count, times_, future_.count, accepted));
}

void RecordSurvey::remark(const FileLines& places, const DatasetOptions& options, PreprocessReport& report) const {
  for (const auto& [unit, name, value] : kNumericUnits) {
    if (units_[static_cast<size_t>(unit)].count > 0)
      report.remarks.push_back(
          fmt::format("times are {} since 1970, by their size (datasets.time_unit={})", name, value));
  }
  const auto doubt = [&](const Lines& lines, const char* what) {
    if (lines.count > 0)
      report.warnings.push_back(fmt::format("{} lines have a time {}, the first is {}; they count as they are",
                                            lines.count, what, places.place(lines.first)));
  };
  doubt(zero_times(), "of 0 or before 1970");
  doubt(future_, "in the future");
  if (ratings_ > 0) report.ratings = {worst_rating_, best_rating_};
  constexpr double kMicroseconds = kMicrosecondsOfSecond;
  if (times_ > 0)
    report.times = {static_cast<double>(first_time_) / kMicroseconds, static_cast<double>(last_time_) / kMicroseconds};
  if (times_ > 0 && whole_days_ == times_)
    report.remarks.push_back(
        fmt::format("times are whole days: within a day, interactions {}", kept_order(options.ties)));
  const bool newest_first = earlier_ > 0 && earlier_ >= kEarlierForEachLater * later_;
  if (newest_first && options.sort_by_time && equal_ > 0 && options.ties == Ties::file_order)
    report.warnings.push_back(fmt::format(
        "the file is newest first: {} interactions have the time of the line before; they keep the order of the file, "
        "although the later one probably stands first (datasets.ties=reversed turns them round)",
        equal_));
  if (newest_first && !options.sort_by_time)
    report.warnings.push_back("the file is newest first, and datasets.sort_by_time=false keeps that order");
  if (best_rating_ > kFiveStars && options.min_rating > 0)
    report.warnings.push_back(fmt::format(
        "ratings go to {}: datasets.min_rating={} was kept as it is, and was probably meant for a scale that ends at 5",
        best_rating_, options.min_rating));
}

}  // namespace latentcrs
