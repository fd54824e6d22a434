// What the times and ratings of a log are like: newest first, whole days, in January 1970, on a larger scale.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <vector>

#include "config/dataset_options.h"
#include "data/preprocess.h"

namespace latentcrs {

class RecordSurvey {
 public:
  /// In file order; `user` counts from 0. Times in microseconds since 1970.
  void add_time(uint32_t user, int64_t time);
  void add_rating(double rating);

  /// Throws Error(data) if all times lie in January 1970 and datasets.time_unit does not say that they are right.
  void check_times(const std::filesystem::path& path, const DatasetOptions& options) const;
  /// Adds remarks and warnings.
  void remark(const DatasetOptions& options, PreprocessReport& report) const;

 private:
  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

  std::vector<int64_t> last_;  ///< the time of each user's last line
  int64_t times_ = 0;
  int64_t whole_days_ = 0;
  int64_t later_ = 0, earlier_ = 0, equal_ = 0;  ///< lines compared to the one before of the same user
  int64_t first_time_ = std::numeric_limits<int64_t>::max();
  int64_t last_time_ = std::numeric_limits<int64_t>::min();
  double best_rating_ = 0;
};

}  // namespace latentcrs
