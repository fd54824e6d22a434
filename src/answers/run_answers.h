// The answers that the evaluation of a run got for its zero-shot baseline, and the run's own rankings beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "answers/answer_ranks.h"
#include "answers/findings.h"

namespace latentcrs {

/// Reads evaluate/zero_shot_<input>.jsonl: a row for each user, whose turn is the line, from 0. A title is in the
/// vocabulary if it names an item of the catalogue; others keep their places under r1 and r2. `model` is the name in
/// tables. Throws Error(data) for a malformed line.
RankedAnswers rank_zero_shot_answers(const std::filesystem::path& path, const std::string& model, Findings& findings);

/// Whether a line of a file of answers is one of evaluate/zero_shot_<input>.jsonl.
bool is_zero_shot_file(const std::filesystem::path& path);

/// The zero-shot answers in the `evaluate` folder of a run and, for the users of each, a further entry for every row of
/// the one-turn table: such a ranking has the whole catalogue, so that r1 and r3 are its ranks with the history among
/// the candidates, r2 and r4 those without. Throws Error(data) if the folder has no zero-shot answers.
std::vector<RankedAnswers> rank_run_answers(const std::filesystem::path& evaluate, const std::string& run,
                                            Findings& findings);

}  // namespace latentcrs
