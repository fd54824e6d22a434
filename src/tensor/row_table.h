// Rows that stay where they lie, most often in several mapped files, and are gathered when they are needed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace latentcrs {

class RowTable {
 public:
  RowTable() = default;
  /// Row i of a matrix [n, E] on any device. Not explicit: a matrix is a table of rows.
  RowTable(at::Tensor matrix);
  /// Row rows[i] of the matrices [n_p, E] laid one below the other, all of one type and on the CPU; zeros where it is
  /// -1.
  RowTable(std::vector<at::Tensor> matrices, const std::vector<int64_t>& rows);

  int64_t size() const { return matrices_.empty() ? 0 : size_; }
  int64_t width() const { return matrices_.at(0).size(1); }  ///< E
  at::ScalarType scalar_type() const { return matrices_.at(0).scalar_type(); }
  /// Rows [B] int64, on the table's device, as [B, E] of the table's own type. Nothing more of a mapped file comes into
  /// memory: touching its map would bring 2 MiB around each row.
  at::Tensor rows(const at::Tensor& indices) const;
  /// All rows, [n, E]: the matrix itself where the table is one, else a copy.
  at::Tensor all() const;

 private:
  struct Row {
    int64_t matrix, offset;  ///< in bytes; -1 for zeros
  };
  void copy(const int64_t* indices, int64_t count, char* to) const;

  std::vector<at::Tensor> matrices_;
  int64_t size_ = 0;
  std::vector<Row> rows_;  // empty where the table is one matrix
};

}  // namespace latentcrs
