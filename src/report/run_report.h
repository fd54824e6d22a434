// One page about one or several runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "metrics/paired_comparison.h"

namespace latentcrs {

/// One self-contained HTML page (no network, no script): what the runs are, settings that differ, one-turn and
/// multi-turn figures with 95% intervals, paired tests between the first run and each other (within a run if there is
/// one), learning curves, intents, dataset, times, and a few dialogues. What a run lacks is said in its place.
/// `runs`: run folders, at least one. Throws Error(data) for a folder that is no run, and for damaged files in one.
std::string render_report(const std::vector<std::filesystem::path>& runs, const ResamplingOptions& resampling);

}  // namespace latentcrs
