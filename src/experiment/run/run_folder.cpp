#include "experiment/run/run_folder.h"

#include "datasets/data/splits.h"

namespace latentcrs {

namespace fs = std::filesystem;

RunFolder::RunFolder(fs::path root, const DatasetOptions& dataset)
    : root_(std::move(root)),
      name_(dataset.dataset_name),
      features_name_(features_name(dataset)),
      has_parts_(dataset.split.by != SplitBy::leave_one_out) {}

fs::path RunFolder::interactions() const { return root_ / "preprocess" / (name_ + ".csv"); }
fs::path RunFolder::features() const { return root_ / "preprocess" / features_name_; }
fs::path RunFolder::item_names() const { return root_ / "preprocess" / (name_ + "_names.tsv"); }
fs::path RunFolder::parts() const { return has_parts_ ? root_ / "preprocess" / (name_ + "_parts.tsv") : fs::path(); }
fs::path RunFolder::times() const { return root_ / "preprocess" / (name_ + "_times.tsv"); }
std::vector<fs::path> RunFolder::dataset() const {
  std::vector<fs::path> files = {interactions()};
  if (has_parts_) files.push_back(parts());
  return files;
}
fs::path RunFolder::encoder_stem() const { return root_ / "pretrain" / ("ICLRec-" + name_); }
fs::path RunFolder::encoder() const { return encoder_stem().string() + ".pt"; }
fs::path RunFolder::encoder_config() const { return encoder_stem().string() + "_config.json"; }
fs::path RunFolder::centers() const { return fs::path(encoder_stem().string() + "_clusters") / "centers.npy"; }

fs::path RunFolder::prompts(const std::string& key) const {
  return root_ / "simulate/prompt4generation" / (split_stem(name_, key) + ".jsonl");
}
fs::path RunFolder::utterances(const std::string& key) const {
  return root_ / "simulate/processed_data" / (split_stem(name_, key) + ".jsonl");
}
fs::path RunFolder::combination() const { return root_ / "simulate/processed_data" / (name_ + "_combination.jsonl"); }
fs::path RunFolder::embeddings(const std::string& task, const std::string& key) const {
  return root_ / "embed/embedding_cache" / (task + "_" + key + ".pt");
}
fs::path RunFolder::posterior(const std::string& exp_name) const {
  return root_ / "train" / (exp_name + "_inference.pt");
}
fs::path RunFolder::prior(const std::string& exp_name) const { return root_ / "train" / (exp_name + "_prior.pt"); }

std::vector<std::string> all_split_keys(const DatasetOptions& dataset) {
  std::vector<std::string> keys = dataset.filter_keys;
  keys.insert(keys.end(), {"valid", "test"});
  return keys;
}

}  // namespace latentcrs
