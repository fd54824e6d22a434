// What the times and ratings of a log are like: newest first, whole days, in January 1970, on a larger scale.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/file_lines.h"
#include "datasets/data/preprocess.h"

namespace latentcrs {

/// "keep the order of the file", of interactions at one time.
const char* kept_order(Ties ties);

class RecordSurvey {
 public:
  /// In file order; `user` counts from 0, lines through all files (FileLines). Times in microseconds since 1970.
  void add_time(uint32_t user, int64_t time, int64_t line);
  /// Loads what add_time() for the user needs into the cache.
  void prefetch(uint32_t user) const {
    if (user < last_.size()) __builtin_prefetch(&last_[user]);
  }
  /// The unit that a time was found to have.
  void add_unit(TimeUnit unit, int64_t line) { units_[static_cast<size_t>(unit)].add(line); }
  void add_rating(double rating);

  /// Throws Error(data) if all times lie in January 1970 and datasets.time_unit does not say that they are right, if
  /// numbers look like several units, and if too many times are 0 or lie in the future.
  void check_times(const std::filesystem::path& path, const FileLines& places, const DatasetOptions& options) const;
  /// Adds remarks and warnings, and the ranges of ratings and times.
  void remark(const FileLines& places, const DatasetOptions& options, PreprocessReport& report) const;

 private:
  /// Lines of one kind, and the first of them.
  struct Lines {
    void add(int64_t line) {
      if (count++ == 0) first = line;
    }
    int64_t count = 0, first = 0;
  };

  /// Lines with a time of 0 or less; none of them is odd in a log that counts its lines instead of seconds.
  Lines zero_times() const;
  void check_units(const std::filesystem::path& path, const FileLines& places) const;
  void check_doubtful_times(const FileLines& places, double accepted) const;

  static int64_t microseconds_of_now();

  static constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

  std::vector<int64_t> last_;  ///< the time of each user's last line
  int64_t times_ = 0;
  int64_t whole_days_ = 0;
  int64_t later_ = 0, earlier_ = 0, equal_ = 0;  ///< lines compared to the one before of the same user
  int64_t first_time_ = std::numeric_limits<int64_t>::max();
  int64_t last_time_ = std::numeric_limits<int64_t>::min();
  int64_t ratings_ = 0;
  double best_rating_ = std::numeric_limits<double>::lowest();
  double worst_rating_ = std::numeric_limits<double>::max();
  std::array<Lines, static_cast<size_t>(TimeUnit::iso) + 1> units_ = {};  ///< [TimeUnit]
  Lines zero_, future_;
  int64_t now_ = microseconds_of_now();
};

}  // namespace latentcrs
