// The times of a run's interactions as other programs can hold them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "experiment/run/exported_run.h"

namespace latentcrs {

/// Numbers that float32 holds, in which RecBole keeps times: each is below 2^24, and those of a user grow from item to
/// item, so that an order by them is that of the run.
struct RecBoleTimes {
  std::vector<int64_t> numbers;  ///< [interactions.items] from 1
  int64_t seconds_of_unit = 0;  ///< the number of seconds that a step stands for; 0: numbers are places in the sequence
  int64_t first_second = 0;     ///< of the number 1, since 1970
};
RecBoleTimes recbole_times(const ExportedRun& run);

/// Dates that pandas reads, [interactions.items]. Those of a user at one time are a microsecond apart, in the order of
/// the run. Without times: places in the sequence, in seconds after the year 2000 began.
std::vector<std::string> dates_for_pandas(const ExportedRun& run);

}  // namespace latentcrs
