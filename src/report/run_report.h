// The report of one or several runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "metrics/paired_comparison.h"

namespace latentcrs {

/// Returns one self-contained HTML page (no network, no script): the runs, settings that differ, one-turn and
/// multi-turn results with 95% intervals, paired tests between the first run and each other one (within the run if
/// there is only one), learning curves, intents, dataset, durations, a few utterances and a few dialogues. The page
/// says which parts a run lacks. `runs` are run folders, at least one. Throws Error(data) for a folder that is not a
/// run and for damaged files.
std::string render_report(const std::vector<std::filesystem::path>& runs, const ResamplingOptions& resampling);

}  // namespace latentcrs
