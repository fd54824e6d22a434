// Reading the file of ranks that an evaluation writes, user by user.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/metrics/one_turn.h"

namespace latentcrs {

struct RankFile {
  RankedUsers users;
  std::vector<RankedRow> rows;  ///< each row has one rank per user

  /// The row named `name`; nullptr if the file has no such row.
  const RankedRow* find(const std::string& name) const;
};

/// Reads a file of write_ranks_tsv(). Throws Error(data) with file:line for a header that does not begin with
/// customer_id, target and leaked (and dialogue, in files of conversations) or names a score twice, for a line with
/// another number of cells, for a cell that is not a number, for a customer listed twice, and for a file without
/// customers.
RankFile read_ranks_tsv(const std::filesystem::path& path);

}  // namespace latentcrs
