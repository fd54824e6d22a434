// The files that a user gives to `init`, taken together as one dataset.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datasets/data/recogniser.h"
#include "datasets/setup/answers.h"

namespace latentcrs {

/// A file, and what it was taken for.
struct FoundFile {
  std::filesystem::path path;
  std::string taken_for;  ///< "interactions", "items", "not needed", …
  std::string meaning;
};

struct FoundDataset {
  DatasetOptions options;  ///< with `interactions`, `more_interactions` and `metadata`; sizes are the defaults
  std::vector<FoundFile> files;
  std::map<std::string, std::string> notes;  ///< setting below `datasets` -> how its value was found
  std::vector<std::string> findings;
};

/// Finds the dataset in files and in the files of folders. Throws Error(usage) if several readings fit, with the
/// settings that decide between them; Error(data) if there are no interactions, and says what the files are.
FoundDataset find_dataset(const std::vector<std::filesystem::path>& paths, const Answers& answers);

}  // namespace latentcrs
