// Simulated utterances and their files: processed_data/*.jsonl (docs/method.md, section 2).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "data/splits.h"

namespace latentcrs {

/// One line of processed_data: what a user said (or nothing, if the simulator failed).
struct Utterance {
  SplitRecord record;
  std::string prompt;
  std::string response;
  bool leaks_title =
      false;  ///< the response gives the target's title away (text/leak_check.h); absent in published files
};

/// Sorted by processed_before(), as published. Writes `customer_id, history (strings), target (string), prompt,
/// response` plus `leaks_title` where true; atomically.
void write_utterances(std::vector<Utterance> utterances, const std::filesystem::path& path);

/// Reads the files of this program and the published ones (ids as strings or numbers). Throws Error(data) with
/// file:line for a malformed line, a missing key, or a customer_id seen before. Prompts make up most of a file, and
/// training and evaluation do not need them.
enum class Prompts { keep, leave_out };
std::vector<Utterance> read_utterances(const std::filesystem::path& path, Prompts prompts = Prompts::keep);

}  // namespace latentcrs
