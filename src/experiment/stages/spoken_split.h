// The utterances of one split, as the stage simulate gets and writes them.
#pragma once

#include <cstddef>
#include <deque>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "datasets/data/utterances.h"
#include "experiment/stages/stage.h"
#include "experiment/stages/unanswered.h"
#include "language/dialogue/checked_speech.h"

namespace latentcrs {

/// What the stage has made of all splits.
struct Simulated {
  std::vector<Unanswered> unanswered;
  size_t all = 0;  ///< records
  nlohmann::json report = nlohmann::json::object();
  Usage usage;
};

/// Takes answers in the order of the utterance file, as many at a time as one likes, and keeps none of their texts.
class SpokenSplit {
 public:
  /// `order`: processed_order() of the split's records. `context` must outlive it.
  SpokenSplit(const StageContext& context, std::string key, std::vector<size_t> order);

  /// `spoken` answers `requests`, which are those of the records that come next.
  void add(std::span<UtteranceRequest> requests, std::span<const CheckedUtterance> spoken);
  /// Puts the file into its place and adds the split to `simulated`. Throws Error(remote) for a split without a single
  /// utterance: model and server have failed, and its users are not merely silent.
  void finish(Simulated& simulated);

 private:
  void keep_silent(const SplitRecord& record, const CheckedUtterance& spoken);
  void require_an_utterance() const;

  const StageContext& context_;
  std::string key_;
  std::vector<size_t> order_;
  UtteranceWriter file_;
  size_t taken_ = 0, texts_ = 0, leaking_ = 0, leaked_at_first_ = 0, shortened_ = 0;
  Usage usage_;
  std::vector<std::pair<size_t, Unanswered>> unanswered_;  // by the number of the record in the split
  std::deque<SplitRecord> silent_;                         // the first ones, while there is no text
  std::vector<UtteranceRequest> silent_requests_;
  std::vector<SpokenWords> silent_answers_;
};

}  // namespace latentcrs
