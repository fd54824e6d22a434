// The few lines that a run prints on the terminal when it ends; the tables are in summary.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/config/evaluate_options.h"

namespace latentcrs {

/// A finished run.
struct FinishedRun {
  std::filesystem::path folder;  ///< the run folder as it is shown to the user
  std::string dataset;           ///< its name
  int64_t seed = 0;
  EvaluateOptions evaluate = {};
  std::vector<std::string> command;    ///< as typed: latentcrs, run, -c, tiny, learning_rate=0.1
  std::vector<std::string> same = {};  ///< the part of it that names the same settings: -c, tiny, learning_rate=0.1
  std::string not_run = {};            ///< the stages that could not run, and why; empty if all did
};

/// Returns at most 15 lines, each with a line end: the command; HIT@10 and NDCG@10 with their 95% intervals of the
/// scores with text, from the sequence only and of popularity (without an evaluation, of the encoder alone); SR and AT
/// of the dialogues; recall on conversations, if they were evaluated; whether the text helped, by the tests of
/// `latentcrs compare`; the path of the summary; the next commands. Lines about parts that the run lacks are left out.
std::string run_headline(const FinishedRun& run);

/// Quotes a word for a shell where it needs to be quoted.
std::string shell_word(const std::string& word);

}  // namespace latentcrs
