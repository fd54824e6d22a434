// What `latentcrs export` takes out of a run folder: the preprocessed data with its split, and the ranks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/config.h"
#include "datasets/data/interactions.h"
#include "datasets/data/item_catalogue.h"

namespace latentcrs {

struct ExportedRun {
  std::string name;  ///< datasets.dataset_name
  Interactions interactions = {};
  std::vector<int64_t> times = {};          ///< [interactions.items] microseconds since 1970; empty: the run has none
  std::vector<std::string> raw_users = {};  ///< [U] as the raw files write them
  std::vector<int32_t> items = {};          ///< the distinct items, ascending
  std::vector<std::string> raw_items = {};  ///< [items]
  ItemCatalogue catalogue = {};             ///< empty for a run without item features
  int max_history = 50;                     ///< items that a model of sequences reads (pretrain.encoder.max_seq_length)
  bool leave_one_out = true;                ///< the peers make the same split themselves
  std::vector<std::filesystem::path> ranks = {};  ///< evaluate/ranks_*.tsv and lists_*.tsv, if there are any
};

/// Reads the result of preprocessing, and finds the ranks. Throws Error(data) if preprocess has not finished.
ExportedRun read_exported_run(const Config& config);

}  // namespace latentcrs
