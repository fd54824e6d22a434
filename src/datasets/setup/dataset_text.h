// What `init` says of a dataset, for the terminal.
#pragma once

#include <string>

#include "datasets/setup/dataset_survey.h"
#include "datasets/setup/found_dataset.h"

namespace latentcrs {

/// Files, counts, times, ratings, what was left out and why, and what the thresholds keep.
std::string dataset_text(const FoundDataset& found, const DatasetSurvey& survey);

/// "ratings of at least 4, at least 5 interactions: 12 users, 30 items, 200 interactions".
std::string kept_text(const KeptData& kept, bool rated);

}  // namespace latentcrs
