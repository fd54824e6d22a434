// The published prompt files: `<name>_raw_seed….jsonl`, `<name>_selection_seed….jsonl`, `<name>_combination.jsonl`.
#pragma once

#include <filesystem>
#include <ostream>
#include <vector>

#include "language/dialogue/user_simulator.h"

namespace latentcrs {

/// One line per opening request: customer_id, history and target (id strings), and `request`, a Gemini
/// GenerateContentRequest that holds the prompt and switches the safety filters off. In the order given.
void write_prompts(const std::vector<UtteranceRequest>& requests, std::ostream& out);
/// The same as a file, atomically.
void write_prompt_file(const std::vector<UtteranceRequest>& requests, const std::filesystem::path& path);

}  // namespace latentcrs
