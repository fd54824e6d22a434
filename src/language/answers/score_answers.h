// The command `latentcrs score`: which files go with which, and the answers of all of them ranked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "language/answers/answer_ranks.h"

namespace latentcrs {

enum class LinkChoice {
  as_available,  ///< published links where a file has them, own links elsewhere
  published,
  own,
  both,  ///< published links where a file has them, and own links
};

/// A finished run whose zero-shot answers are scored.
struct ScoredRun {
  std::string name;
  std::filesystem::path evaluate;  ///< the folder of its evaluation
};

struct ScoreRequest {
  std::vector<std::filesystem::path> answers = {};  ///< files, and folders with .jsonl and .jsonl.gz below them
  /// The file of turns and the entities; without them those in the folder of the answers or in one of the three above
  /// it: test.jsonl, entity2id.json, each also with .gz.
  std::optional<std::filesystem::path> turns = {}, entities = {};
  /// Count only the targets that this file lists: a line each, with `turn`, `entity` and `history`.
  std::optional<std::filesystem::path> among = {};
  int64_t min_history = 0;  ///< of those, count the ones with so many items in `history`
  LinkChoice links = LinkChoice::as_available;
  std::optional<ScoredRun> run = {};
};

struct ScoreReport {
  std::vector<RankedAnswers> answers;
  std::vector<std::string> notes;  ///< which files were read, and what was wrong in them
};

/// Reads and ranks everything. Throws Error(data) for a file that is missing, malformed or none of the known kinds.
ScoreReport score_answers(const ScoreRequest& request);

}  // namespace latentcrs
