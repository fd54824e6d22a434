// The answers that the evaluation of a run got for its zero-shot baseline, and the run's own rankings beside them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/util/findings.h"
#include "language/answers/answer_ranks.h"

namespace latentcrs {

/// Reads evaluate/zero_shot_<input>.jsonl: a row for each user, whose turn is the line, from 0. A title is in the
/// vocabulary if it names an item of the catalogue; others keep their places under r1 and r2. `model` is the name in
/// tables. Throws Error(data) for a malformed line.
RankedAnswers rank_zero_shot_answers(const std::filesystem::path& path, const std::string& model, Findings& findings);

/// Whether a line of a file of answers is one of evaluate/zero_shot_<input>.jsonl.
bool is_zero_shot_file(const std::filesystem::path& path);

/// Reads evaluate/conversations.jsonl, the run's own rankings after conversations: an entry for each score in `ranks`,
/// named "<run>, <score>". They leave out the history and know no titles beside the catalogue, so that all four results
/// are the same. Throws Error(data) for a malformed line and for one that lacks a score of the first.
std::vector<RankedAnswers> rank_conversation_rows(const std::filesystem::path& path, const std::string& run);

/// Whether the lines of a file are those of evaluate/conversations.jsonl.
bool is_conversations_file(const std::filesystem::path& path);

/// The zero-shot answers in the `evaluate` folder of a run and, for the users of each, a further entry for every row of
/// the one-turn table: such a ranking has the whole catalogue, so that r1 and r3 are its ranks with the history among
/// the candidates, r2 and r4 those without. Then its rankings after conversations. Throws Error(data) if the folder has
/// neither.
std::vector<RankedAnswers> rank_run_answers(const std::filesystem::path& evaluate, const std::string& run,
                                            Findings& findings);

}  // namespace latentcrs
