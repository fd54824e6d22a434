// The folded sections of the page of run_report.h, each as HTML. A run keeps its colour (its place in `runs`)
// throughout.
#pragma once

#include <string>
#include <vector>

#include "base/metrics/paired_comparison.h"
#include "experiment/report/run_data.h"

namespace latentcrs {

using Runs = std::vector<RunData>;

/// A run's name, in its colour if there are several runs.
std::string run_label(const Runs& runs, size_t run);
/// A note that names the runs for which `lacks` holds; empty if there are no such runs.
template <class Lacks>
std::string missing_note(const Runs& runs, const std::string& what, Lacks lacks);

std::string runs_section(const Runs& runs);
std::string settings_section(const Runs& runs);
std::string dataset_section(const Runs& runs);
std::string times_section(const Runs& runs);
std::string full_settings_section(const Runs& runs);

std::string one_turn_section(const Runs& runs);
std::string lists_section(const Runs& runs);
std::string comparison_section(const Runs& runs, const ResamplingOptions& resampling);
std::string multi_turn_section(const Runs& runs);
std::string transcripts_section(const Runs& runs);
std::string conversations_section(const Runs& runs);
std::string utterances_section(const Runs& runs);

/// Notes about learning curves that are not there; they are figures.
std::string curves_section(const Runs& runs);
std::string intents_section(const Runs& runs);

/// The note "Not in tiny: no metrics.jsonl." for runs that lack a file.
std::string not_in(const std::vector<std::string>& names, const std::string& what);

template <class Lacks>
std::string missing_note(const Runs& runs, const std::string& what, Lacks lacks) {
  std::vector<std::string> names;
  for (const RunData& run : runs)
    if (lacks(run)) names.push_back(run.name);
  return not_in(names, what);
}

}  // namespace latentcrs
