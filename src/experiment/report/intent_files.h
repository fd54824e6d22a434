// The files of `latentcrs intents` as data: intents.jsonl and picture.json (docs/files.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiment/report/intent_page.h"

namespace latentcrs {

/// Intents and the users that are drawn with them.
struct IntentMap {
  IntentsReport report;
  std::vector<DrawnUser> drawn;
};

/// Writes both files, each atomically. `measure` is the name of NearTitle::score: "lift" or "score".
void write_intent_files(const IntentMap& map, const std::string& measure, const std::filesystem::path& folder);

/// Reads them; nullopt for a folder without intents.jsonl. Without picture.json, which earlier versions did not write,
/// users, axes and objective are not known. Throws Error(data) with file:line for a damaged file.
std::optional<IntentMap> read_intent_files(const std::filesystem::path& folder);

}  // namespace latentcrs
