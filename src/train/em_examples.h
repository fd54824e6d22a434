// The examples of EM training: who spoke about which item after which history, and the vector of what was said.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/interactions.h"
#include "data/utterances.h"
#include "model/user_states.h"
#include "tensor/embedding_store.h"
#include "tensor/row_table.h"

namespace latentcrs {

/// Row i of everything is one (history, target, x). Items are dense ids.
struct EmExamples {
  std::vector<std::string> customer_ids;
  std::vector<int64_t> users;  ///< rows of the Interactions
  Histories histories;         ///< the last items before the target: what the encoders read
  Histories seen;  ///< distinct items before the target, all of them; of no example without EmSources::split
  std::vector<int32_t> targets;
  std::vector<uint8_t> has_text;     ///< 0: the user's reply is missing, its row of `embeddings` is zero
  std::vector<uint8_t> leaks_title;  ///< 1: the reply gives the target's title away
  RowTable embeddings;   ///< x [n, E] in the files' type, left in their memory maps where nothing is averaged
  int64_t left_out = 0;  ///< records without a reply that are no example (MissingReplies::leave_out)

  int64_t size() const { return static_cast<int64_t>(targets.size()); }
};

/// What becomes of an utterance without a reply.
enum class MissingReplies {
  keep,       ///< evaluation: an example with has_text = 0, a miss in every score with text
  leave_out,  ///< training, and evaluation under compat.drop_missing_replies
};

/// embedding_cache/<task>_<key>.pt; `key` is the last part of the customer ids it holds.
struct EmbeddingFile {
  std::string task, key;
  std::filesystem::path path;
  EmbeddingTable table;
};

struct EmSources {
  const Interactions* interactions = nullptr;
  const DenseItems* items = nullptr;
  std::span<const EmbeddingFile> embeddings;  ///< x is the mean over the tasks
  MissingReplies missing = MissingReplies::keep;
  /// What the dataset has to be asked about: an utterance about anything else is an error. Empty: not compared.
  std::span<const SplitRecord> records = {};
  std::filesystem::path path = {};  ///< the utterances' file, for messages
  std::string split = {};           ///< valid or test: what the users had seen before is wanted; empty: it is not
};

/// Throws Error(data) that counts and names: users and items the dataset does not have, histories and targets that are
/// not those of `records`, repeated customer ids, keys and utterances without an embedding, files of another width.
EmExamples make_em_examples(std::span<const Utterance> utterances, const EmSources& sources);

/// Negatives of examples: uniform over the catalogue without the user's whole sequence and the target, distinct. A draw
/// depends on (seed, epoch, example) only.
class NegativeSampler {
 public:
  /// Throws Error(data) naming the first user who leaves fewer than `count` items to draw from.
  NegativeSampler(const EmExamples& examples, const Interactions& interactions, const DenseItems& items, int count);

  /// [n, count] int64 dense ids.
  at::Tensor draw(uint64_t seed, uint64_t epoch) const;

 private:
  Histories seen_;                 // of each user who has an example: their distinct items, ascending
  std::vector<int64_t> seen_row_;  // [n] example -> row of seen_
  std::vector<int32_t> targets_;
  int64_t num_items_;
  int count_;
};

}  // namespace latentcrs
