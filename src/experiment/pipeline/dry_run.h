// The requests that the stages of a config would send to language models, and their cost.
#pragma once

#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "base/util/table.h"
#include "experiment/pipeline/run_flags.h"

namespace latentcrs {

/// A row for each model that one of `stages` speaks to: requests still to be sent (those in the cache are counted
/// apart), tokens and cost. Tokens sent are estimated at four bytes each, tokens answered by
/// price.expected_output_tokens. Dialogues are counted as if nobody succeeded before the last turn. With flags.retry
/// the requests that it would send again are counted too. Needs the files of the stage preprocess and throws
/// Error(data) naming a missing one. Sends and writes nothing, and needs no credentials.
Table dry_run(const LoadedConfig& loaded, const std::vector<std::string>& stages, const RunFlags& flags);

}  // namespace latentcrs
