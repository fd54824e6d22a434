#include "config/config_files.h"

#include <regex>

#include "base/util/error.h"

namespace latentcrs::test {

ConfigFiles::ConfigFiles(const std::string& text) { add("main.yaml", required + text); }

ConfigFiles& ConfigFiles::add(const std::string& name, const std::string& text) {
  write_text(*folder_ / name, text);
  return *this;
}

LoadedConfig ConfigFiles::load(const std::vector<std::string>& overrides) const {
  return load_config((*folder_ / "main.yaml").string(), overrides);
}

std::vector<std::vector<std::string>> ConfigFiles::jobs(const std::vector<std::string>& overrides) const {
  return expand_multirun((*folder_ / "main.yaml").string(), overrides);
}

std::string ConfigFiles::mistakes(const std::vector<std::string>& overrides) const {
  try {
    load(overrides);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::config) throw;
    // Paths are shown relative to the working directory, wherever the test runs.
    const std::regex folder("[^ ]*" + folder_->path().filename().string() + "/");
    return std::regex_replace(error.what(), folder, "");
  }
  return {};
}

std::string origin_of(const LoadedConfig& loaded, const std::string& key) {
  for (const ResolvedValue& value : loaded.values)
    if (value.key == key) return std::filesystem::path(value.origin).filename().string();
  return "no such key";
}

}  // namespace latentcrs::test
