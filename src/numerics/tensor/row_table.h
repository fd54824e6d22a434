// A table whose rows stay in several mapped files and are read when they are needed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace latentcrs {

class RowTable {
 public:
  RowTable() = default;
  /// The rows of a matrix [n, E] on any device. The constructor is not explicit, because a matrix is a table of rows.
  RowTable(at::Tensor matrix);
  /// The rows rows[i] of the matrices [n_p, E] taken as one matrix; -1 stands for a row of zeros. The matrices are on
  /// the CPU and of one type.
  RowTable(std::vector<at::Tensor> matrices, const std::vector<int64_t>& rows);

  int64_t size() const { return matrices_.empty() ? 0 : size_; }
  int64_t width() const { return matrices_.at(0).size(1); }  ///< E
  at::ScalarType scalar_type() const { return matrices_.at(0).scalar_type(); }
  /// The rows `indices` ([B] int64, on the table's device) as [B, E] of the table's own type. Rows of mapped files are
  /// read one by one, because touching the map would load 2 MiB around each row.
  at::Tensor rows(const at::Tensor& indices) const;
  /// The rows [begin, end), [end - begin, E]: a view of a table of one matrix, else read as rows() reads them.
  at::Tensor block(int64_t begin, int64_t end) const;
  /// The table whose row i is row rows[i] of this one; its vectors stay where they are on the CPU.
  RowTable reordered(const std::vector<int64_t>& rows) const;
  /// All rows, [n, E]: the matrix itself for a table of one matrix, else a copy.
  at::Tensor all() const;

 private:
  struct RowPlace {
    int64_t matrix, offset;  ///< in bytes; -1 for zeros
  };
  void copy(const int64_t* indices, int64_t count, char* to) const;

  std::vector<at::Tensor> matrices_;
  int64_t size_ = 0;
  std::vector<RowPlace> rows_;  // empty where the table is one matrix
};

}  // namespace latentcrs
