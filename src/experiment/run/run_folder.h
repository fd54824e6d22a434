// The folder of a run and the names of everything in it. Layout: docs/files.md.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/config/dataset_options.h"

namespace latentcrs {

/// Gives paths; creates and reads no files.
class RunFolder {
 public:
  RunFolder(std::filesystem::path root, const DatasetOptions& dataset);

  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path stage(const std::string& name) const { return root_ / name; }

  std::filesystem::path interactions() const;                   ///< preprocess/<name>.csv
  std::filesystem::path features() const;                       ///< preprocess/<features_name>
  std::filesystem::path item_names() const;                     ///< preprocess/<name>_names.tsv
  std::filesystem::path parts() const;                          ///< preprocess/<name>_parts.tsv; empty: leave-one-out
  std::filesystem::path times() const;                          ///< preprocess/<name>_times.tsv
  std::vector<std::filesystem::path> dataset() const;           ///< interactions(), and parts() if it is not empty
  std::filesystem::path encoder_stem() const;                   ///< pretrain/ICLRec-<name>, without .pt
  std::filesystem::path encoder() const;                        ///< pretrain/ICLRec-<name>.pt
  std::filesystem::path encoder_config() const;                 ///< pretrain/ICLRec-<name>_config.json
  std::filesystem::path centers() const;                        ///< pretrain/ICLRec-<name>_clusters/centers.npy
  std::filesystem::path prompts(const std::string& key) const;  ///< simulate/prompt4generation/<name>_…
  std::filesystem::path utterances(const std::string& key) const;  ///< simulate/processed_data/<name>_…
  std::filesystem::path combination() const;                       ///< simulate/processed_data/<name>_combination.jsonl
  std::filesystem::path embeddings(const std::string& task, const std::string& key) const;  ///< embed/embedding_cache/…
  std::filesystem::path posterior(const std::string& exp_name) const;  ///< train/<exp_name>_inference.pt
  std::filesystem::path prior(const std::string& exp_name) const;      ///< train/<exp_name>_prior.pt

 private:
  std::filesystem::path root_;
  std::string name_;
  std::string features_name_;
  bool has_parts_;
};

/// The training keys of the config plus valid and test: one prompt, utterance and embedding file each.
std::vector<std::string> all_split_keys(const DatasetOptions& dataset);

}  // namespace latentcrs
