// One-turn results: which score put the target where, as tables and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "metrics/metrics.h"
#include "util/table.h"

namespace latentcrs {

/// One score of the items and the ranks it gave; users in the same order in every row of a table.
struct RankedRow {
  std::string name;
  std::vector<Rank> ranks;
};

/// Whose ranks they are.
struct RankedUsers {
  std::vector<std::string> customer_ids;
  std::vector<int64_t> targets;      ///< ids of the dataset
  std::vector<uint8_t> leaks_title;  ///< 1: the user's words give the target's title away
};

/// The rows of the users that are not left out, [users] 1: left out.
std::vector<RankedRow> rows_without(std::span<const uint8_t> left_out, const std::vector<RankedRow>& rows);

/// For each of the users with a 1 in `among` another one of them: a random cycle through all of them. The others
/// stand for themselves. [users]
std::vector<int64_t> somebody_else(std::span<const uint8_t> among, uint64_t seed);

/// Two lines per row: HIT@k and NDCG@k at every cut-off, and below them the half-widths of their 95% intervals.
Table one_turn_table(const std::string& title, const std::vector<RankedRow>& rows, std::span<const int> cutoffs);

/// {"<row>": {"users": n, "misses": …, "MRR": …, "MRR_ci95": …, "HIT@5": …, "HIT@5_ci95": …, …}} at the published
/// cut-offs.
nlohmann::json to_json(const std::vector<RankedRow>& rows);

/// `customer_id`, `target`, `leaked` (1: the words give the title away) and a column of ranks a row; 0 where the target
/// was not ranked. Atomic.
void write_ranks_tsv(const std::vector<RankedRow>& rows, const RankedUsers& users, const std::filesystem::path& path);

}  // namespace latentcrs
