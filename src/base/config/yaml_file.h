// YAML files as nodes. yaml_file.cpp is the only file that knows yaml-cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/config/node.h"
#include "base/config/problems.h"

namespace latentcrs {

struct YamlFile {
  Node root;
  std::optional<std::string> package;  ///< of a comment `# @package x` at the top, which may be empty
};

/// Reads a file; origins are `shown_name`:line. Syntax errors, duplicate keys and more than one document are problems.
YamlFile read_yaml_file(const std::filesystem::path& path, const std::string& shown_name, Problems& problems);

/// The same for a text.
YamlFile read_yaml_text(const std::string& text, const std::string& shown_name, Problems& problems);

}  // namespace latentcrs
