// Configurations without our settings: any keys, as Hydra composes them. The parts that read, merge, override and
// interpolate are those of the program.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/node.h"

namespace latentcrs::test {

/// The value of `key` ("": everything) without interpolations. Throws Error(config).
Node open_value(const std::filesystem::path& main_file, const std::vector<std::string>& overrides,
                const std::string& key);

/// A value as JSON text, with inf and nan as text and integers of any length.
std::string value_text(const Node& node);
/// True if the two are equal with their types; `expected` is JSON, in which inf and nan are texts.
bool same_value(const Node& node, const std::string& expected);

}  // namespace latentcrs::test
