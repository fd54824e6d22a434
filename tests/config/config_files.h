// Configuration files in a folder of their own, and the result of loading them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/config/load_config.h"
#include "support/temp_dir.h"

namespace latentcrs::test {

class ConfigFiles {
 public:
  /// main.yaml is `required` and then `text`: the shortest valid configuration with `text` from line 2 on.
  explicit ConfigFiles(const std::string& text = {});

  ConfigFiles& add(const std::string& name, const std::string& text);
  LoadedConfig load(const std::vector<std::string>& overrides = {}) const;
  /// The jobs of a sweep over main.yaml.
  std::vector<std::vector<std::string>> jobs(const std::vector<std::string>& overrides) const;
  /// what() of the Error(config) that loading throws, without the folder's name; "" if it does not throw.
  std::string mistakes(const std::vector<std::string>& overrides = {}) const;

  static constexpr const char* required =
      "datasets: {dataset_name: d, interactions: ratings.dat, metadata: movies.dat, features_name: features.csv}\n";

 private:
  std::unique_ptr<TempDir> folder_ = std::make_unique<TempDir>();
};

std::string origin_of(const LoadedConfig& loaded, const std::string& key);

}  // namespace latentcrs::test
