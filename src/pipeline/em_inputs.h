// What training and evaluation read of the earlier stages.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "latentcrs/train/em_examples.h"
#include "latentcrs/train/em_networks.h"
#include "stage.h"

namespace latentcrs {

/// The dataset, and the files that examples are made of. Examples may be views of the embedding files' memory maps,
/// which the tensors keep alive.
class EmInputs {
 public:
  explicit EmInputs(const StageContext& context);

  const Interactions& interactions() const { return interactions_; }
  const DenseItems& items() const { return items_; }
  /// The training examples: every record of the combination file that has a reply.
  EmExamples training() const;
  /// valid or test: every record of the split, in the order of the utterance file; users without a reply follow, unless
  /// compat.drop_missing_replies leaves them out.
  EmExamples evaluation(const std::string& key) const;
  /// Encoder, centres and sizes, read from the pretraining stage.
  EmModel model(int64_t text_width) const;

 private:
  std::vector<EmbeddingFile> embedding_files(const std::vector<std::string>& keys) const;

  const StageContext& context_;
  Interactions interactions_;
  DenseItems items_;
};

/// Files that EmInputs reads.
std::vector<std::filesystem::path> em_input_files(const StageContext& context);

/// The utterance file of a split with the records that got no reply put back (empty response), at the end in file
/// order.
std::vector<Utterance> with_missing(std::vector<Utterance> utterances, const std::vector<SplitRecord>& records);

}  // namespace latentcrs
