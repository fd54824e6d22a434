#include "data/record_survey.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/record_times.h"
#include "util/error.h"

namespace latentcrs {
namespace {

constexpr double kFiveStars = 5;
/// Seconds of 1989 and later divided by 1000 lie between these times.
constexpr int64_t kFirstOfThousandths = 600'000 * kMicrosecondsOfSecond;
constexpr int64_t kFebruary1970 = 31 * kMicrosecondsOfDay;
/// Lines that are earlier than the user's line before, for each one that is later, in a log that is newest first.
constexpr int64_t kEarlierForEachLater = 9;

}  // namespace

void RecordSurvey::add_time(uint32_t user, int64_t time) {
  if (user >= last_.size()) last_.resize(std::max<size_t>(2 * last_.size(), user + size_t{1}), kNoTime);
  const int64_t before = last_[user];
  if (before != kNoTime) {
    later_ += time > before;
    earlier_ += time < before;
    equal_ += time == before;
  }
  last_[user] = time;
  ++times_;
  whole_days_ += time % kMicrosecondsOfDay == 0;
  first_time_ = std::min(first_time_, time);
  last_time_ = std::max(last_time_, time);
}

void RecordSurvey::add_rating(double rating) { best_rating_ = std::max(best_rating_, rating); }

void RecordSurvey::check_times(const std::filesystem::path& path, const DatasetOptions& options) const {
  const bool in_january = times_ > 0 && first_time_ >= kFirstOfThousandths && last_time_ < kFebruary1970;
  if (!in_january || options.time_unit != TimeUnit::automatic) return;
  throw data_error(
      fmt::format("{}: all {} times lie in January 1970 ({} to {}): they look like seconds divided by 1000, which "
                  "pandas 3 makes of dates (astype('int64') // 10**9), so that many of them are equal; write them "
                  "again, or set datasets.time_unit=s to take them as they are",
                  path.string(), times_, first_time_ / kMicrosecondsOfSecond, last_time_ / kMicrosecondsOfSecond));
}

void RecordSurvey::remark(const DatasetOptions& options, PreprocessReport& report) const {
  if (times_ > 0 && whole_days_ == times_)
    report.remarks.push_back("times are whole days: within a day, interactions keep the order of the file");
  const bool newest_first = earlier_ > 0 && earlier_ >= kEarlierForEachLater * later_;
  if (newest_first && options.sort_by_time && equal_ > 0)
    report.warnings.push_back(fmt::format(
        "the file is newest first: {} interactions have the time of the line before; they keep the order of the file, "
        "although the later one probably stands first",
        equal_));
  if (newest_first && !options.sort_by_time)
    report.warnings.push_back("the file is newest first, and datasets.sort_by_time=false keeps that order");
  if (best_rating_ > kFiveStars && options.min_rating > 0)
    report.warnings.push_back(fmt::format(
        "ratings go to {}: datasets.min_rating={} was kept as it is, and was probably meant for a scale that ends at 5",
        best_rating_, options.min_rating));
}

}  // namespace latentcrs
