// The report of one or several runs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/metrics/paired_comparison.h"

namespace latentcrs {

/// Returns one self-contained HTML page (no network, no script). It begins with the figures of figure.h: the scores,
/// what the words gain, dialogues, people's conversations, learning curves, intents. Tables follow, folded: settings
/// that differ, all results with 95% intervals, paired tests between the first run and each other one (within the run
/// if there is only one), dataset, durations, a few utterances and a few dialogues. The page says which parts a run
/// lacks. `runs` are run folders, at least one. Throws Error(data) for a folder that is not a run and for damaged
/// files.
std::string render_report(const std::vector<std::filesystem::path>& runs, const ResamplingOptions& resampling);

/// Writes that page to `page`, and beside it, in report_files_folder(), each figure as SVG (`figures/<name>.svg`) and
/// its numbers as CSV and LaTeX (`tables/<name>.csv`, `.tex`), each file atomically. Removes the files of figures that
/// an earlier report had and this one has not.
void write_report(const std::vector<std::filesystem::path>& runs, const ResamplingOptions& resampling,
                  const std::filesystem::path& page);

/// The page's path without its ending: "report" for report.html; "page_files" for a page named "page".
std::filesystem::path report_files_folder(const std::filesystem::path& page);

}  // namespace latentcrs
