// Ranks of targets under the four results, as tables on disk: those published, and ours.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "language/answers/answer_lines.h"
#include "language/answers/answer_ranks.h"

namespace latentcrs {

/// Reads a table with the columns model, input, turn, target, condition (rec, dis) and r1 to r4, plain or .gz; of
/// others only `links` counts. One entry for each model, input and links. `turns` gives the dialogues; it may be empty.
/// Throws Error(data) naming the line of a cell that is wrong.
std::vector<RankedAnswers> read_rank_rows(const std::filesystem::path& path, std::span<const AskedTurn> turns);

/// Writes such a table, with a column `links`. Atomically.
void write_rank_rows(std::span<const RankedAnswers> answers, const std::filesystem::path& path);

}  // namespace latentcrs
