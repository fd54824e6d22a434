// One-turn results: the ranks of the targets under each score, as tables and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics/metrics.h"
#include "base/util/table.h"

namespace latentcrs {

/// What NDCG@k means in every table; libraries compute other figures by that name (docs/method.md, section 9).
inline constexpr std::string_view kNdcgNote =
    "NDCG@k is the mean of 1/log₂(rank + 1) over the targets, 0 for ranks beyond k: with one target the ideal DCG is "
    "1.";

/// The ranks that one score of the items gave. All rows of a table have the users in the same order.
struct RankedRow {
  std::string name;
  std::vector<Rank> ranks;
};

/// The users whose ranks a table holds.
struct RankedUsers {
  std::vector<std::string> customer_ids;
  std::vector<int64_t> targets;             ///< target items, as ids of the dataset
  std::vector<uint8_t> leaks_title;         ///< 1 if the user's words give the target's title away, else 0
  std::vector<std::string> dialogues = {};  ///< of conversations: the dialogue that each belongs to; else empty
};

/// The rows without the users u with left_out[u] = 1. left_out: [users].
std::vector<RankedRow> rows_without(std::span<const uint8_t> left_out, const std::vector<RankedRow>& rows);

/// Assigns to each user with a 1 in `among` another one of them, by a random cycle through all of them; the other users
/// are assigned to themselves. [users]
std::vector<int64_t> somebody_else(std::span<const uint8_t> among, uint64_t seed);

/// A table with two lines per row: HIT@k and NDCG@k at every cut-off, and below them the half-widths of their 95%
/// intervals.
Table one_turn_table(const std::string& title, const std::vector<RankedRow>& rows, std::span<const int> cutoffs);

/// The same as JSON at the published cut-offs: {"<row>": {"users": n, "misses": …, "MRR": …, "MRR_ci95": …, "HIT@5": …,
/// "HIT@5_ci95": …, …}}.
nlohmann::json to_json(const std::vector<RankedRow>& rows);

/// Writes, atomically, a table with one line per user: `customer_id`, `target`, `leaked` (1 if the words give the title
/// away), `dialogue` if they have any, and one column of ranks per row; a rank is 0 if the target was not ranked.
void write_ranks_tsv(const std::vector<RankedRow>& rows, const RankedUsers& users, const std::filesystem::path& path);

}  // namespace latentcrs
