// What the language models of a config would be asked, and at what cost.
#pragma once

#include <string>
#include <vector>

#include "config/load_config.h"
#include "util/table.h"

namespace latentcrs {

/// A row for each of `stages` that speaks to a model: requests still to be sent (those in the cache are counted apart),
/// tokens and cost. Tokens sent are estimated at four bytes each, tokens answered by price.expected_output_tokens.
/// Dialogues are counted as if nobody succeeded before the last turn. With `retry` what RunFlags::retry would ask for
/// again is among the requests. Needs the preprocess stage's files: throws
/// Error(data) naming them otherwise. Sends and writes nothing, and needs no credentials.
std::vector<Table> dry_run(const LoadedConfig& loaded, const std::vector<std::string>& stages, bool retry = false);

}  // namespace latentcrs
