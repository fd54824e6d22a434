#include "latentcrs/tensor/row_table.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cstring>

#include "latentcrs/tensor/tensor_file.h"
#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

constexpr int64_t kRowsInMemory = 1024;  // the system maps some 64 KiB around the first byte that is touched
constexpr int64_t kGrainRows = 16;

size_t bytes_of_row(const at::Tensor& matrix) { return static_cast<size_t>(matrix.size(1)) * matrix.element_size(); }

}  // namespace

RowTable::RowTable(at::Tensor matrix) : matrices_{std::move(matrix)}, size_(matrices_[0].size(0)) {}

RowTable::RowTable(std::vector<at::Tensor> matrices, const std::vector<int64_t>& rows)
    : matrices_(std::move(matrices)), size_(static_cast<int64_t>(rows.size())) {
  std::vector<const char*> begins;
  for (at::Tensor& matrix : matrices_) {
    matrix = matrix.contiguous();
    if (matrix.size(1) != width() || matrix.scalar_type() != scalar_type() || !matrix.is_cpu())
      throw internal_error("the matrices of a table of rows differ in width, type or device");
    const char* row = static_cast<const char*>(matrix.data_ptr());
    for (int64_t i = 0; i < matrix.size(0); ++i, row += bytes_of_row(matrix)) begins.push_back(row);
  }
  rows_.reserve(rows.size());
  for (const int64_t row : rows) rows_.push_back(row < 0 ? nullptr : begins.at(static_cast<size_t>(row)));
}

at::Tensor RowTable::rows(const at::Tensor& indices) const {
  if (rows_.empty()) {
    make_room(indices.numel());
    return matrices_.at(0).index_select(0, indices);
  }
  const at::Tensor wanted = indices.contiguous();
  at::Tensor out = at::empty({wanted.numel(), width()}, matrices_[0].options());
  copy(wanted.data_ptr<int64_t>(), wanted.numel(), static_cast<char*>(out.data_ptr()));
  return out;
}

at::Tensor RowTable::all() const {
  if (rows_.empty()) return matrices_.at(0);
  at::Tensor out = at::empty({size(), width()}, matrices_[0].options());
  const at::Tensor indices = at::arange(size(), at::kLong);
  for (int64_t begin = 0; begin < size(); begin += kRowsInMemory)
    copy(indices.data_ptr<int64_t>() + begin, std::min(kRowsInMemory, size() - begin),
         static_cast<char*>(out.select(0, begin).data_ptr()));
  return out;
}

void RowTable::copy(const int64_t* indices, int64_t count, char* to) const {
  make_room(count);
  const size_t bytes = bytes_of_row(matrices_[0]);
  at::parallel_for(0, count, kGrainRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const char* const row = rows_.at(static_cast<size_t>(indices[i]));
      char* const out = to + static_cast<size_t>(i) * bytes;
      row == nullptr ? std::memset(out, 0, bytes) : std::memcpy(out, row, bytes);
    }
  });
}

void RowTable::make_room(int64_t count) const {
  rows_in_memory_ += count;
  if (rows_in_memory_ <= kRowsInMemory) return;
  for (const at::Tensor& matrix : matrices_) release_pages(matrix);
  rows_in_memory_ = count;
}

}  // namespace latentcrs
