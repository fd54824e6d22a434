// Files whose names say that they are the parts of one split: x.train.csv, x.valid.csv, x.test.csv.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

namespace latentcrs {

struct SplitFiles {
  std::vector<size_t> parts = {};    ///< indices of files: training, then validation, then test
  std::optional<size_t> whole = {};  ///< a file of no part, from which the parts were probably made
};

/// `parts` is empty if the files are not the parts of one split.
SplitFiles find_split(const std::vector<std::filesystem::path>& files);

}  // namespace latentcrs
