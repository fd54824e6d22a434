#include "numerics/tensor/row_table.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cstring>

#include "base/util/error.h"
#include "numerics/tensor/tensor_file.h"

namespace latentcrs {

namespace {

constexpr int64_t kGrainRows = 16;

int64_t bytes_of_row(const at::Tensor& matrix) { return matrix.size(1) * static_cast<int64_t>(matrix.element_size()); }

}  // namespace

RowTable::RowTable(at::Tensor matrix) : matrices_{std::move(matrix)}, size_(matrices_[0].size(0)) {}

RowTable::RowTable(std::vector<at::Tensor> matrices, const std::vector<int64_t>& rows)
    : matrices_(std::move(matrices)), size_(static_cast<int64_t>(rows.size())) {
  std::vector<RowPlace> all;
  for (size_t m = 0; m < matrices_.size(); ++m) {
    at::Tensor& matrix = matrices_[m];
    matrix = matrix.contiguous();
    if (matrix.size(1) != width() || matrix.scalar_type() != scalar_type() || !matrix.is_cpu())
      throw internal_error("the matrices of a table of rows differ in width, type or device");
    for (int64_t i = 0; i < matrix.size(0); ++i) all.push_back({static_cast<int64_t>(m), i * bytes_of_row(matrix)});
  }
  rows_.reserve(rows.size());
  for (const int64_t row : rows) rows_.push_back(row < 0 ? RowPlace{-1, 0} : all.at(static_cast<size_t>(row)));
}

at::Tensor RowTable::rows(const at::Tensor& indices) const {
  if (rows_.empty()) return matrices_.at(0).index_select(0, indices);
  const at::Tensor wanted = indices.contiguous();
  at::Tensor out = at::empty({wanted.numel(), width()}, matrices_[0].options());
  copy(wanted.data_ptr<int64_t>(), wanted.numel(), static_cast<char*>(out.data_ptr()));
  return out;
}

at::Tensor RowTable::block(int64_t begin, int64_t end) const {
  return rows_.empty() ? matrices_.at(0).slice(0, begin, end) : rows(at::arange(begin, end, at::kLong));
}

RowTable RowTable::reordered(const std::vector<int64_t>& rows) const {
  const at::Tensor& first = matrices_.at(0);
  if (!first.is_cpu()) return first.index_select(0, at::tensor(rows, at::kLong).to(first.device()));
  if (rows_.empty()) return {{first}, rows};
  RowTable table = *this;
  table.size_ = static_cast<int64_t>(rows.size());
  table.rows_.clear();
  for (const int64_t row : rows) table.rows_.push_back(rows_.at(static_cast<size_t>(row)));
  return table;
}

at::Tensor RowTable::all() const { return rows_.empty() ? matrices_.at(0) : rows(at::arange(size(), at::kLong)); }

void RowTable::copy(const int64_t* indices, int64_t count, char* to) const {
  const int64_t bytes = bytes_of_row(matrices_[0]);
  at::parallel_for(0, count, kGrainRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const RowPlace row = rows_.at(static_cast<size_t>(indices[i]));
      if (row.matrix < 0)
        std::memset(to + i * bytes, 0, static_cast<size_t>(bytes));
      else
        copy_bytes(matrices_[static_cast<size_t>(row.matrix)], row.offset, bytes, to + i * bytes);
    }
  });
}

}  // namespace latentcrs
