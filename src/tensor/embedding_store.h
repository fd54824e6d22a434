// embedding_cache/<task>_<key>.pt: one vector per utterance (docs/method.md, section 2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace latentcrs {

struct EmbeddingTable {
  std::vector<std::string> special_id;  ///< customer ids, [n]
  /// [n, D] float32, float16 or bfloat16; if from a file, a memory map of it that must not be written to.
  at::Tensor embeddings;
};

/// Both throw Error(data) if counts differ, an id is repeated, a value is not finite, the width is 0 or all vectors are
/// equal; reading also for other files. Reading leaves none of the vectors in memory.
EmbeddingTable read_embeddings(const std::filesystem::path& path);
void write_embeddings(const EmbeddingTable& table, const std::filesystem::path& path);

/// D of a file, without a look at the vectors. Throws Error(data) for a file that holds no matrix of them.
int64_t embedding_width(const std::filesystem::path& path);

/// Rows of `table` in the order of `customer_ids`, [n]. Throws one Error(data) that counts the ids without an embedding
/// and names the first of them.
std::vector<int64_t> rows_of(const EmbeddingTable& table, const std::vector<std::string>& customer_ids,
                             const std::filesystem::path& where);

}  // namespace latentcrs
