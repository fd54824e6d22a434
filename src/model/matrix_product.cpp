#include "latentcrs/model/matrix_product.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>

#include "kernels/product.h"
#include "latentcrs/util/error.h"

namespace latentcrs {

namespace {

using kernels::Number;
using kernels::Operand;
using kernels::ProductKernel;

constexpr int64_t kInner = 384;         // of K at a time: a left panel of it stays in the first cache,
constexpr int64_t kBlockColumns = 256;  // and so many columns of it in the second
constexpr int64_t kBlockRows = 112;

int64_t blocks_of(int64_t size, int64_t block) { return (size + block - 1) / block; }

Number number_type(at::ScalarType type) {
  return type == at::kHalf ? Number::float16 : type == at::kBFloat16 ? Number::bfloat16 : Number::float32;
}

/// matrix [outer, inner], one of its strides 1.
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

/// One factor cut into panels of `width` outer indices, packed for a part of K at a time.
class Panels {
 public:
  Panels(const at::Tensor& matrix, int width, ProductKernel::Pack pack, int64_t inner)
      : operand_(operand_of(matrix)),
        outer_(matrix.size(0)),
        width_(width),
        pack_(pack),
        packed_(at::empty({count() * width * inner}, at::kFloat)) {}

  int64_t count() const { return blocks_of(outer_, width_); }
  int64_t begin(int64_t panel) const { return panel * width_; }
  int64_t size(int64_t panel) const { return std::min(width_, outer_ - begin(panel)); }
  float* data(int64_t panel, int64_t inner) const { return packed_.data_ptr<float>() + begin(panel) * inner; }
  void fill(int64_t panel, kernels::Range inner) const {
    pack_(operand_, {begin(panel), size(panel)}, inner, data(panel, inner.count));
  }

 private:
  Operand operand_;
  int64_t outer_, width_;
  ProductKernel::Pack pack_;
  at::Tensor packed_;
};

/// Adds the products of the packed panels to c, or puts them there; threads share blocks of it.
void multiply_panels(const ProductKernel& kernel, const Panels& left, const Panels& right, int64_t inner,
                     const at::Tensor& c, bool add) {
  const int64_t block_rows = kBlockRows / kernel.rows, block_columns = kBlockColumns / kernel.columns;
  const int64_t row_blocks = blocks_of(left.count(), block_rows);
  const int64_t column_blocks = blocks_of(right.count(), block_columns);
  float* const to = c.data_ptr<float>();
  const int64_t line = c.size(1);
  at::parallel_for(0, row_blocks * column_blocks, 1, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block) {
      const int64_t top = block % row_blocks * block_rows, side = block / row_blocks * block_columns;
      for (int64_t i = top; i < std::min(top + block_rows, left.count()); ++i)
        for (int64_t j = side; j < std::min(side + block_columns, right.count()); ++j)
          kernel.tile(inner, left.data(i, inner), right.data(j, inner), to + left.begin(i) * line + right.begin(j),
                      line, left.size(i), right.size(j), add);
    }
  });
}

}  // namespace

at::Tensor matrix_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.dim() != 2 || b.dim() != 2 || a.size(1) != b.size(0)) throw internal_error("factors of a product do not fit");
  const ProductKernel& kernel = kernels::product_kernel();
  const int64_t inner = a.size(1), parts = blocks_of(inner, kInner), part = parts == 0 ? 0 : blocks_of(inner, parts);
  const at::Tensor c =
      inner == 0 ? at::zeros({a.size(0), b.size(1)}, at::kFloat) : at::empty({a.size(0), b.size(1)}, at::kFloat);
  if (c.numel() == 0) return c;
  const at::Tensor rows = with_lines(a), columns = with_lines(b.t());
  const Panels left(rows, kernel.rows, kernel.pack_left, part);
  const Panels right(columns, kernel.columns, kernel.pack_right, part);
  for (int64_t begin = 0; begin < inner; begin += part) {
    const kernels::Range range = {begin, std::min(part, inner - begin)};
    at::parallel_for(0, left.count() + right.count(), 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i)
        if (i < left.count())
          left.fill(i, range);
        else
          right.fill(i - left.count(), range);
    });
    multiply_panels(kernel, left, right, range.count, c, begin > 0);
  }
  return c;
}

}  // namespace latentcrs
