// The records of the simulate stage that have no utterance: listed for the user, and asked for again on request.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "experiment/stages/stage.h"
#include "language/dialogue/user_simulator.h"

namespace latentcrs {

struct Unanswered {
  std::string customer_id;
  std::string problem;     ///< "blocked (SAFETY)"
  Renewal asked_again_if;  ///< a retry asks again only if this is unchanged: otherwise the answer has come meanwhile
};

/// Writes a line for each record into a JSONL file.
void write_unanswered(const std::vector<Unanswered>& records, const std::filesystem::path& file);
/// Reads the file of write_unanswered(); an empty list if it does not exist. Throws Error(data) naming a line that is
/// malformed.
std::vector<Unanswered> read_unanswered(const std::filesystem::path& file);

/// "blocked (SAFETY) 2, failed (HTTP 500) 1", the most frequent first.
std::string count_problems(const std::vector<Unanswered>& records);

/// simulate/unanswered.jsonl lists the records of the finished stage; simulate/retry.jsonl lists those that are asked
/// for again, until the stage has finished.
std::filesystem::path unanswered_file(const RunFolder& folder);
std::filesystem::path retry_file(const RunFolder& folder);

}  // namespace latentcrs
