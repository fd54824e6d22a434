#include "numerics/linalg/packed_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "base/util/error.h"
#include "numerics/linalg/aligned_vector.h"
#include "numerics/linalg/kernels/product.h"

namespace latentcrs {

namespace {

using kernels::Number;
using kernels::Operand;
using kernels::ProductKernel;
using kernels::TileStart;

// Sizes of the blocks that are multiplied at once, at most.
constexpr int64_t kInner = 384;    // of K, so that a left panel stays in the first cache
constexpr int64_t kColumns = 128;  // so that this many columns of kInner numbers stay in the second cache
constexpr int64_t kRows = 518;     // so that this many rows of kInner numbers stay there too

int64_t blocks_of(int64_t size, int64_t block) { return (size + block - 1) / block; }

Number number_type(at::ScalarType type) {
  return type == at::kHalf ? Number::float16 : type == at::kBFloat16 ? Number::bfloat16 : Number::float32;
}

/// One of the strides of `matrix` [outer, inner] is 1.
Operand operand_of(const at::Tensor& matrix) {
  const bool outer_lines = matrix.stride(1) == 1;
  return {.data = matrix.data_ptr(),
          .line = matrix.stride(outer_lines ? 0 : 1),
          .outer_lines = outer_lines,
          .type = number_type(matrix.scalar_type())};
}
at::Tensor with_lines(const at::Tensor& matrix) {
  return matrix.stride(0) == 1 || matrix.stride(1) == 1 ? matrix : matrix.contiguous();
}

/// K > 0 cut into equal parts of at most kInner.
struct Parts {
  explicit Parts(int64_t k) : inner(k), count(blocks_of(k, kInner)), length(blocks_of(k, count)) {}
  kernels::Range operator[](int64_t part) const {
    const int64_t begin = part * length;
    return {begin, std::min(length, inner - begin)};
  }
  int64_t inner, count, length;
};

/// Outer indices of a factor, cut into panels.
struct Panels {
  Panels(kernels::Range range, int64_t panel) : outer(range), width(panel), count(blocks_of(range.count, panel)) {}
  kernels::Range operator[](int64_t panel) const {
    return {outer.begin + panel * width, std::min(width, outer.count - panel * width)};
  }
  kernels::Range outer;
  int64_t width, count;
};

/// Computes a block of the rows of c: first all of its left panels are packed, then every thread packs columns of its
/// own and multiplies them.
void multiply_rows(const ProductKernel& kernel, const at::Tensor& a, const at::Tensor& b, kernels::Range rows,
                   const at::Tensor& c) {
  const Operand left = operand_of(a), right = operand_of(b);
  const Parts parts(a.size(1));
  const Panels row_panels(rows, kernel.rows);
  const int64_t packed_rows = row_panels.count * kernel.rows;
  const at::Tensor packed = at::empty({packed_rows * parts.inner}, at::kFloat);
  const auto left_panel = [&, data = packed.data_ptr<float>()](int64_t part, int64_t panel) {
    return data + packed_rows * parts[part].begin + panel * kernel.rows * parts[part].count;
  };
  at::parallel_for(0, row_panels.count * parts.count, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t part = i / row_panels.count, panel = i % row_panels.count;
      kernel.pack_left(left, row_panels[panel], parts[part], left_panel(part, panel));
    }
  });

  const int64_t line = c.size(1);
  float* const to = c.data_ptr<float>();
  at::parallel_for(0, blocks_of(line, kColumns), 1, [&](int64_t first, int64_t last) {
    AlignedVector<float> panels(static_cast<size_t>(kColumns * parts.length));
    for (int64_t block = first; block < last; ++block) {
      const int64_t side = block * kColumns;
      const Panels columns({side, std::min(kColumns, line - side)}, kernel.columns);
      for (int64_t part = 0; part < parts.count; ++part) {
        const int64_t inner = parts[part].count, size = kernel.columns * inner;
        for (int64_t j = 0; j < columns.count; ++j)
          kernel.pack_right(right, columns[j], parts[part], panels.data() + j * size);
        for (int64_t i = 0; i < row_panels.count; ++i)
          for (int64_t j = 0; j < columns.count; ++j)
            kernel.tile(inner, left_panel(part, i), panels.data() + j * size,
                        {.data = to + row_panels[i].begin * line + columns[j].begin,
                         .line = line,
                         .rows = row_panels[i].count,
                         .columns = columns[j].count},
                        part > 0 ? TileStart::target : TileStart::zero);
      }
    }
  });
}

}  // namespace

at::Tensor packed_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(0)) throw internal_error("factors of a product do not fit");
  if (a.numel() == 0) return at::zeros({a.size(0), b.size(1)}, at::kFloat);
  const at::Tensor rows = with_lines(a), columns = with_lines(b.t());
  const at::Tensor c = at::empty({a.size(0), b.size(1)}, at::kFloat);
  const ProductKernel& kernel = kernels::product_kernel();
  // The blocks are equal, because the columns are packed again for each.
  const int64_t block = blocks_of(blocks_of(a.size(0), blocks_of(a.size(0), kRows)), kernel.rows) * kernel.rows;
  for (int64_t begin = 0; begin < a.size(0); begin += block)
    multiply_rows(kernel, rows, columns, {begin, std::min(block, a.size(0) - begin)}, c);
  return c;
}

}  // namespace latentcrs
