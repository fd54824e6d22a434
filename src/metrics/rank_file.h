// The ranks that an evaluation writes out, user by user, read back.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "metrics/one_turn.h"

namespace latentcrs {

struct RankFile {
  RankedUsers users;
  std::vector<RankedRow> rows;  ///< a rank for each user in each row

  /// nullptr if there is no row of that name.
  const RankedRow* find(const std::string& name) const;
};

/// Reads what write_ranks_tsv wrote. Throws Error(data) with file:line for a header that does not begin with
/// customer_id, target and leaked or names a score twice, a line with another number of cells, a number that is none, a
/// customer listed twice, or a file without customers.
RankFile read_ranks_tsv(const std::filesystem::path& path);

}  // namespace latentcrs
