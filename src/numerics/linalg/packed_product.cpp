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
constexpr int64_t kInner = 384;        // of K, so that a left panel stays in the first cache
constexpr int64_t kColumns = 128;      // so that this many columns of kInner numbers stay in the second cache
constexpr int64_t kRows = 518;         // so that this many rows of kInner numbers stay there too
constexpr int64_t kLowerColumns = 64;  // of a lower part, so that several threads get columns
constexpr int64_t kMirrored = 32;      // rows that are mirrored at once

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

/// The elements of c that are computed: `lower` leaves out most of those above the diagonal.
enum class Elements { all, lower };

/// Calls work(block, memory) for `count` blocks of columns, on LibTorch's threads. Of the lower elements the first
/// blocks have the most, so that a thread that takes one of them takes one of the last as well.
template <class Work>
void share_columns(Elements wanted, int64_t count, const Work& work) {
  const bool in_pairs = wanted == Elements::lower;
  at::parallel_for(0, in_pairs ? blocks_of(count, 2) : count, 1, [&](int64_t first, int64_t last) {
    AlignedVector<float> memory;
    for (int64_t block = first; block < last; ++block) {
      work(block, memory);
      if (in_pairs && count - 1 - block > block) work(count - 1 - block, memory);
    }
  });
}

/// Computes the wanted elements of a block of the rows of c: first all of its left panels are packed, then every thread
/// packs columns of its own and multiplies them.
void multiply_rows(const ProductKernel& kernel, const at::Tensor& a, const at::Tensor& b, kernels::Range rows,
                   const at::Tensor& c, Elements wanted) {
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

  const int64_t line = c.size(1), end = wanted == Elements::all ? line : rows.begin + rows.count;
  const int64_t block_columns = wanted == Elements::all ? kColumns : kLowerColumns;
  float* const to = c.data_ptr<float>();
  share_columns(wanted, blocks_of(end, block_columns), [&](int64_t block, AlignedVector<float>& panels) {
    panels.resize(static_cast<size_t>(block_columns * parts.length));
    const int64_t side = block * block_columns;
    const Panels columns({side, std::min(block_columns, end - side)}, kernel.columns);
    const int64_t first_panel = wanted == Elements::all ? 0 : std::max<int64_t>(0, side - rows.begin) / kernel.rows;
    for (int64_t part = 0; part < parts.count; ++part) {
      const int64_t inner = parts[part].count, size = kernel.columns * inner;
      for (int64_t j = 0; j < columns.count; ++j)
        kernel.pack_right(right, columns[j], parts[part], panels.data() + j * size);
      for (int64_t i = first_panel; i < row_panels.count; ++i)
        for (int64_t j = 0; j < columns.count; ++j)
          kernel.tile(inner, left_panel(part, i), panels.data() + j * size,
                      {.data = to + row_panels[i].begin * line + columns[j].begin,
                       .line = line,
                       .rows = row_panels[i].count,
                       .columns = columns[j].count},
                      part > 0 ? TileStart::target : TileStart::zero);
    }
  });
}

/// a b or its lower part; the other elements stay unset.
at::Tensor multiply(const at::Tensor& a, const at::Tensor& b, Elements wanted) {
  const at::Tensor rows = with_lines(a), columns = with_lines(b.t());
  const at::Tensor c = at::empty({a.size(0), b.size(1)}, at::kFloat);
  const ProductKernel& kernel = kernels::product_kernel();
  // The blocks are equal, because the columns are packed again for each.
  const int64_t block = blocks_of(blocks_of(a.size(0), blocks_of(a.size(0), kRows)), kernel.rows) * kernel.rows;
  for (int64_t begin = 0; begin < a.size(0); begin += block)
    multiply_rows(kernel, rows, columns, {begin, std::min(block, a.size(0) - begin)}, c, wanted);
  return c;
}

/// Copies the elements below the diagonal of c [R, R] to their places above it.
void mirror(const at::Tensor& c) {
  const int64_t rows = c.size(0);
  float* const to = c.data_ptr<float>();
  at::parallel_for(0, blocks_of(rows, kMirrored), 1, [&](int64_t first, int64_t last) {
    for (int64_t begin = 0; begin < rows; begin += kMirrored)  // a square of elements stays in the first cache
      for (int64_t i = first * kMirrored; i < std::min(rows, last * kMirrored); ++i)
        for (int64_t j = std::max(begin, i + 1); j < std::min(rows, begin + kMirrored); ++j)
          to[i * rows + j] = to[j * rows + i];
  });
}

}  // namespace

at::Tensor packed_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(0)) throw internal_error("factors of a product do not fit");
  if (a.numel() == 0) return at::zeros({a.size(0), b.size(1)}, at::kFloat);
  return multiply(a, b, Elements::all);
}

at::Tensor packed_gram(const at::Tensor& z) {
  if (z.dim() != 2) throw internal_error("the rows of a Gram matrix are no matrix");
  if (z.numel() == 0) return at::zeros({z.size(0), z.size(0)}, at::kFloat);
  const at::Tensor c = multiply(z, z.t(), Elements::lower);
  mirror(c);
  return c;
}

}  // namespace latentcrs
