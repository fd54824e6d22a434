// The examples of EM training: a user's history, the item that the user spoke about, and the vector of the utterance.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "datasets/data/histories.h"
#include "datasets/data/interactions.h"
#include "datasets/data/utterances.h"
#include "numerics/tensor/embedding_store.h"
#include "numerics/tensor/row_table.h"

namespace latentcrs {

/// Row i of everything is one (history, target, x). Items are dense ids.
struct EmExamples {
  std::vector<std::string> customer_ids;
  std::vector<int64_t> users;  ///< rows of the Interactions
  Histories histories;         ///< the last items before the target, which the encoders read
  Histories seen;              ///< all distinct items before the target; empty without EmSources::split
  std::vector<int32_t> targets;
  std::vector<uint8_t> has_text;     ///< 0: the user's reply is missing, its row of `embeddings` is zero
  std::vector<std::string> words;    ///< the replies, where EmSources::keeps_words; else empty
  std::vector<uint8_t> leaks_title;  ///< 1: the reply gives the target's title away
  RowTable embeddings;   ///< x [n, E] in the files' type, left in their memory maps where nothing is averaged
  int64_t left_out = 0;  ///< records without a reply, which did not become examples (MissingReplies::leave_out)

  int64_t size() const { return static_cast<int64_t>(targets.size()); }
};

/// The treatment of utterances without a reply.
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
  /// The records of the dataset's split. An utterance about another record is an error; empty: not compared.
  std::span<const SplitRecord> records = {};
  std::filesystem::path path = {};  ///< the utterances' file, for messages
  bool keeps_words = false;         ///< the examples get their replies
  std::string split = {};           ///< valid or test: the examples get the items seen before; empty: they do not
};

/// Throws Error(data) that counts and names: users and items the dataset does not have, histories and targets that are
/// not those of `records`, repeated customer ids, keys and utterances without an embedding, files of another width.
EmExamples make_em_examples(std::span<const Utterance> utterances, const EmSources& sources);

}  // namespace latentcrs
