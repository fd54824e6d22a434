// The rows of a file of ratings whose form has a reader of its own: whether each counts, and what they are like
// together.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/config/dataset_options.h"
#include "datasets/data/file_lines.h"
#include "datasets/data/rating_log.h"
#include "datasets/data/record_survey.h"

namespace latentcrs {

class RowSurvey {
 public:
  /// `ticks_per_second` of the file's times. All arguments must outlive the survey.
  RowSurvey(const std::filesystem::path& file, const DatasetOptions& options, int64_t ticks_per_second);

  bool reads_ratings() const { return options_.feedback == Feedback::ratings; }
  bool reads_times() const { return options_.time_unit != TimeUnit::file_order; }
  /// Takes a row in file order. Where times are not read, `row.time` becomes the row's place in the file. `rating`
  /// counts only if ratings are read. Returns whether the row counts.
  bool take(Rating& row, double rating, int64_t line);
  /// After the last row: fills the ranges of `report`, adds warnings, and throws Error(data) as RecordSurvey does.
  void finish(PreprocessReport& report) const;

 private:
  const std::filesystem::path& file_;
  const DatasetOptions& options_;
  int64_t microseconds_of_tick_;
  FileLines places_;
  RecordSurvey survey_;
  int64_t rows_ = 0;
};

}  // namespace latentcrs
