// The configuration that `init` writes: each guess a line with its reason as a comment.
#pragma once

#include <string>

#include "datasets/setup/dataset_survey.h"
#include "datasets/setup/found_dataset.h"

namespace latentcrs {

struct ConfigDraft {
  std::string dataset;  ///< configs/datasets/<name>.yaml
  std::string main;     ///< configs/<name>.yaml
};

/// `command`: what was typed, for the first line.
ConfigDraft draft_config(const std::string& name, const std::string& command, const FoundDataset& found,
                         const DatasetSurvey& survey);

}  // namespace latentcrs
