// What the reader finds in a dataset, and what several thresholds would keep of it.
#pragma once

#include <vector>

#include "base/config/dataset_options.h"
#include "datasets/data/preprocess.h"

namespace latentcrs {

/// What preprocessing keeps with these thresholds.
struct KeptData {
  double min_rating = 0;
  int min_interactions = 0;
  int64_t users = 0, items = 0, interactions = 0;
  double longest_usual = 0;  ///< nineteen of twenty users have at most so many items
};

struct DatasetSurvey {
  PreprocessReport all;        ///< of all lines, without thresholds; of users with at least three interactions
  std::vector<KeptData> kept;  ///< of the thresholds tried; the last one is the choice
  double liked = 0;            ///< on a scale that does not end at 5, what 4 of 5 means there; else 0

  const KeptData& choice() const { return kept.back(); }
};

/// The thresholds that the user gives.
struct FixedThresholds {
  bool min_rating = false, min_interactions = false;
};

/// Reads the files of `options` once without thresholds, and again with 4 of 5 stars and five interactions; as long as
/// less than half of the users and fewer than 100 are left, with lower ones. Those that `fixed` has are kept. Throws
/// Error(data) as preprocess() does, and if no user has three interactions.
DatasetSurvey survey_dataset(const DatasetOptions& options, const FixedThresholds& fixed);

}  // namespace latentcrs
