// A short run on the tiny dataset, made once for all tests of the public interface.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "datasets/data/interactions.h"
#include "datasets/data/utterances.h"

namespace latentcrs::test {

struct TinyRun {
  LoadedConfig loaded;
  std::filesystem::path folder;
  Interactions interactions;
  std::vector<Utterance> test;  ///< what the test users said

  /// All items of a user before their test item, oldest first.
  std::vector<int64_t> history_of(int64_t user) const;
};

/// The folder stays until the program ends.
const TinyRun& tiny_run();

}  // namespace latentcrs::test
