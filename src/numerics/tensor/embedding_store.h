// The files embedding_cache/<task>_<key>.pt, which hold one vector per utterance (docs/method.md, section 2).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "numerics/tensor/pt_stream.h"

namespace latentcrs {

struct EmbeddingTable {
  std::vector<std::string> special_id;  ///< customer ids, [n]
  /// [n, D] float32, float16 or bfloat16. A table read from a file is a memory map, which must not be written to.
  at::Tensor embeddings;
};

/// Both functions throw Error(data) if the counts differ, an id is repeated, a value is not finite, D is 0 or all
/// vectors are equal. Reading also throws it for a file that holds no such table; it leaves none of the vectors in
/// memory.
EmbeddingTable read_embeddings(const std::filesystem::path& path);
void write_embeddings(const EmbeddingTable& table, const std::filesystem::path& path);

/// Writes such a file with vectors that come a few rows at a time, so that few of them are in memory.
class EmbeddingWriter {
 public:
  /// `ids`, [n]; `width` D. Throws Error(data) for a repeated id, and if D is 0.
  EmbeddingWriter(std::vector<std::string> ids, int64_t width, at::ScalarType type, std::filesystem::path path);
  /// The rows that come next, [rows, D] float32. Throws Error(data) for one that is not finite in the file's type.
  void add(const at::Tensor& rows);
  int64_t rows() const { return rows_; }
  /// Puts the file into its place. Throws Error(data) if all vectors are equal.
  void commit();

 private:
  std::filesystem::path path_;
  std::vector<std::string> ids_;
  at::ScalarType type_;
  PtStream file_;
  at::Tensor first_;  ///< row
  int64_t rows_ = 0;
  bool all_equal_ = true;
};

/// The dimension D of a file's vectors, without reading the vectors. Throws Error(data) for a file that holds no matrix
/// of them.
int64_t embedding_width(const std::filesystem::path& path);

/// The rows of `table` for `customer_ids` in their order, [n]. Throws one Error(data) that counts the ids without an
/// embedding and names the first of them; `where` is the file to name.
std::vector<int64_t> rows_of(const EmbeddingTable& table, const std::vector<std::string>& customer_ids,
                             const std::filesystem::path& where);

}  // namespace latentcrs
