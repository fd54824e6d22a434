// The processes that a launcher started for one run, brought together.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "experiment/stages/stage_context.h"
#include "numerics/parallel/processes.h"

namespace latentcrs {

/// Meets the other processes of this run, if there are any, and sets this one's threads and device: those that share
/// processors take equal parts of them, those on one host different GPUs where device=auto finds several. `stages` are
/// those to run. Throws Error(config) for processes that differ (numerics/parallel/processes.h), and for fewer shards
/// of a batch than processes.
std::unique_ptr<Processes> join_processes(const LoadedConfig& loaded, const std::vector<std::string>& stages,
                                          StageContext& context);

/// Throws Error(config) in a process that does not see the first one's `folder`, which must exist there.
void check_folder_is_shared(Processes& processes, const std::filesystem::path& folder);

}  // namespace latentcrs
