// The results of earlier stages that training and evaluation read.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "datasets/data/item_catalogue.h"
#include "experiment/stages/stage.h"
#include "recommender/train/em_examples.h"
#include "recommender/train/em_networks.h"

namespace latentcrs {

/// The dataset, and the files that examples are made of. Examples may be views of the embedding files' memory maps,
/// which the tensors keep alive.
class EmInputs {
 public:
  explicit EmInputs(const StageContext& context);

  const Interactions& interactions() const { return interactions_; }
  const DenseItems& items() const { return items_; }
  /// All items, by the dataset's ids, that the user of a record of valid or test had before the target.
  std::span<const int32_t> before_target(const SplitRecord& record) const;
  /// The training examples: every record of the training splits that has a reply, in the order of the combination file.
  /// Throws Error(data) if the file is about other histories or targets than the dataset's splits.
  EmExamples training() const;
  /// valid or test: every record of the split, in the order of the utterance file; users without a reply follow, unless
  /// compat.drop_missing_replies leaves them out. With a catalogue every reply is checked for the target's title:
  /// published files carry no flag. Throws as training() does.
  EmExamples evaluation(const std::string& key, const ItemCatalogue* catalogue = nullptr) const;
  /// The width of all embedding files. Throws Error(data) naming two that differ.
  int64_t text_width() const;
  /// Encoder, centres and sizes, read from the pretraining stage. Throws Error(data) for centres that are not finite.
  EmModel model(int64_t text_width) const;

 private:
  EmExamples examples(std::vector<Utterance> utterances, const std::vector<std::string>& keys,
                      const std::filesystem::path& path, MissingReplies missing, const std::string& split = {}) const;
  std::vector<EmbeddingFile> embedding_files(const std::vector<std::string>& keys) const;

  const StageContext& context_;
  Interactions interactions_;
  DenseItems items_;
  std::unordered_map<int64_t, int64_t> rows_;  ///< user id -> row of interactions_
};

/// Files that EmInputs reads.
std::vector<std::filesystem::path> em_input_files(const StageContext& context);

/// Warns of records without a reply, if there are any. `what` names the records: "training", "test".
void warn_of_missing_replies(const std::string& stage, const std::string& what, const EmExamples& examples);

/// The utterance file of a split with the records that got no reply put back (empty response), at the end in file
/// order.
std::vector<Utterance> with_missing(std::vector<Utterance> utterances, const std::vector<SplitRecord>& records);

}  // namespace latentcrs
