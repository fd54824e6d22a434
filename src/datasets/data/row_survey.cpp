#include "datasets/data/row_survey.h"

#include "datasets/data/record_times.h"

namespace latentcrs {

RowSurvey::RowSurvey(const std::filesystem::path& file, const DatasetOptions& options, int64_t ticks_per_second)
    : file_(file), options_(options), microseconds_of_tick_(kMicrosecondsOfSecond / ticks_per_second) {
  constexpr int64_t kNoLinesBefore = 0;
  places_.begin(file, kNoLinesBefore);
}

bool RowSurvey::take(Rating& row, double rating, int64_t line) {
  if (!reads_times()) {
    row.time = options_.ties == Ties::reversed ? -rows_ : rows_;
  } else if (int64_t microseconds = 0; !__builtin_mul_overflow(row.time, microseconds_of_tick_, &microseconds)) {
    survey_.add_time(row.user, microseconds, line);
  }
  ++rows_;
  if (!reads_ratings()) return true;
  survey_.add_rating(rating);
  return rating >= options_.min_rating;
}

void RowSurvey::finish(PreprocessReport& report) const {
  // The format says the unit, so times in January 1970 are not taken for thousandths of others.
  DatasetOptions known = options_;
  if (known.time_unit == TimeUnit::automatic)
    known.time_unit = microseconds_of_tick_ == kMicrosecondsOfSecond ? TimeUnit::seconds : TimeUnit::milliseconds;
  survey_.check_times(file_, places_, known);
  survey_.remark(places_, options_, report);
}

}  // namespace latentcrs
