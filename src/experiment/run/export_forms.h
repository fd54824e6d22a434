// The forms in which `latentcrs export` writes a run's data for other programs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/run/exported_run.h"

namespace latentcrs {

/// A form. A new one is an object in export_forms() and a row in docs/export.md.
struct ExportForm {
  std::string_view name;  ///< value of --to
  std::string_view help;  ///< a line about what it is for
  /// Writes its files below `folder`, atomically, and returns their names.
  std::vector<std::string> (*write)(const ExportedRun& run, const std::filesystem::path& folder);
};

const std::vector<ExportForm>& export_forms();
/// Throws Error(usage) for an unknown name.
const ExportForm& export_form(const std::string& name);

/// Writes what all forms have in common, the ranks and the first items of the test users as CSV, and returns the names
/// of the files.
std::vector<std::string> export_ranks(const ExportedRun& run, const std::filesystem::path& folder);

}  // namespace latentcrs
