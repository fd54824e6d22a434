// What a run ends with on the terminal: a few lines; the tables are in summary.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"

namespace latentcrs {

/// The run that the lines are about.
struct FinishedRun {
  const Config& config;
  std::filesystem::path folder;        ///< the run folder, as it is to be shown
  std::vector<std::string> command;    ///< as typed: latentcrs, run, -c, tiny, learning_rate=0.1
  std::vector<std::string> same = {};  ///< the part of it that names the same settings: -c, tiny, learning_rate=0.1
  std::string not_run = {};            ///< which stages could not run, and why; empty: none
};

/// At most 15 lines, each ended: what was asked; HIT@10 and NDCG@10 of the scores with text, from the sequence only and
/// of popularity with their 95% intervals (without an evaluation, of the encoder alone); SR and AT of the dialogues;
/// whether the text helped, by the tests of `latentcrs compare`; where the summary is; the commands that come next.
/// What the run has not is left out.
std::string run_headline(const FinishedRun& run);

/// A word as a shell takes it back: quoted where it has to be.
std::string shell_word(const std::string& word);

}  // namespace latentcrs
