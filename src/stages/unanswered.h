// The records of the simulate stage that have no utterance: listed for the user, and asked for again on request.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "dialogue/user_simulator.h"
#include "stages/stage.h"

namespace latentcrs {

struct Unanswered {
  std::string customer_id;
  std::string problem;     ///< "blocked (SAFETY)"
  Renewal asked_again_if;  ///< what a retry has to find unchanged: else the answer has come meanwhile
};

/// A line for each in a JSONL file.
void write_unanswered(const std::vector<Unanswered>& records, const std::filesystem::path& file);
/// None if there is no such file. Throws Error(data) naming a line that is none of write_unanswered().
std::vector<Unanswered> read_unanswered(const std::filesystem::path& file);

/// "blocked (SAFETY) 2, failed (HTTP 500) 1", the most frequent first.
std::string count_problems(const std::vector<Unanswered>& records);

/// simulate/unanswered.jsonl: of the finished stage. simulate/retry.jsonl: of these, what is being asked for again,
/// until the stage has finished.
std::filesystem::path unanswered_file(const RunFolder& folder);
std::filesystem::path retry_file(const RunFolder& folder);

}  // namespace latentcrs
