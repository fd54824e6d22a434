// A run as the server has it in memory. Taking up a newly trained run makes a new generation; answers that began with
// the old one end with it. Free of LibTorch.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "experiment/report/transcripts.h"
#include "service/api/recommender_service.h"

namespace latentcrs {

class TestUsers;

/// One generation; nothing of it changes. Functions may be called by several threads at once. Those that read files
/// beyond the networks do so at their first call, and throw HttpError(409) where the files are no longer those of this
/// generation.
class ServedRun {
 public:
  /// Throws as Recommender::open(), and HttpError(409) where the files change meanwhile.
  ServedRun(std::string id, const std::filesystem::path& folder, int generation);
  ~ServedRun();

  const std::string& id() const { return id_; }
  int generation() const { return generation_; }
  const RunInfo& info() const { return info_; }
  const SharedRecommenderService& recommender() const { return recommender_; }
  /// The manifests of the stages: equal for equal files.
  const std::string& manifests() const { return manifests_; }

  /// Items whose title contains `text`, letters in any case, after those that it names by title and by an id of the raw
  /// files; at most `limit`.
  std::vector<ItemDetails> search(const std::string& text, size_t limit) const;
  bool has_users() const;
  bool has_dialogues() const;
  const TestUsers& users() const;
  const std::vector<Transcript>& dialogues() const;
  /// {"one_turn", "multi_turn"}: the files of the evaluation, null where they are missing.
  const nlohmann::json& figures() const;
  /// The map of the intents, in the form of the interface. Takes seconds the first time.
  const nlohmann::json& intent_map() const;

 private:
  template <class Read>
  void read_once(std::once_flag& once, Read read) const;

  std::string id_;
  int generation_;
  std::string manifests_;
  SharedRecommenderService recommender_;
  RunInfo info_;
  mutable std::once_flag read_users_, read_dialogues_, read_figures_, made_map_;
  mutable std::unique_ptr<const TestUsers> users_;
  mutable std::vector<Transcript> dialogues_;
  mutable nlohmann::json figures_, intent_map_;
};

using SharedRun = std::shared_ptr<const ServedRun>;

/// The runs of the command line by their ids.
class ServedRuns {
 public:
  /// Opens all of them; the first decides how LibTorch computes. Throws as ServedRun().
  explicit ServedRuns(const std::vector<std::filesystem::path>& folders);

  std::vector<SharedRun> all() const;
  /// The newest generation. Throws HttpError(404) for an unknown id.
  SharedRun find(const std::string& id) const;
  /// Opens the run again, and takes it up if that succeeds. Throws as ServedRun(), and HttpError(409) while another
  /// call does the same.
  SharedRun reload(const std::string& id);

 private:
  size_t place(const std::string& id) const;

  mutable std::mutex mutex_;
  std::mutex reloading_;
  std::vector<SharedRun> slots_;  // in the order of the command line
};

}  // namespace latentcrs
