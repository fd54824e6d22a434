// The two files of a new configuration.
#pragma once

#include <filesystem>
#include <string>

#include "datasets/setup/config_draft.h"

namespace latentcrs {

enum class IfThere { refuse, overwrite };

/// A name for the configuration of a file or folder: its stem in small letters, `-` for what a name cannot have.
std::string config_name_of(const std::filesystem::path& file);

class NewConfig {
 public:
  /// Throws Error(usage) for a name that no configuration can have, for files that are there already, and if
  /// --config NAME would find another file.
  NewConfig(const std::filesystem::path& folder, std::string name, IfThere if_there);

  const std::filesystem::path& main() const { return main_; }
  const std::filesystem::path& dataset() const { return dataset_; }
  /// What --config takes: the name, or the path where the folder is not searched.
  std::string argument() const;
  void write(const ConfigDraft& draft) const;

 private:
  std::string name_;
  std::filesystem::path main_, dataset_;
};

}  // namespace latentcrs
