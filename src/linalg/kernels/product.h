// What a large matrix product is made of for the vectors of one instruction set: packing panels, and multiplying two of
// them. linalg/matrix_product.h has the whole product.
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

enum class Number { float32, float16, bfloat16 };

/// A factor of c(i, j) = Σ_k a(i, k) b(j, k). The outer index is i or j, the inner one k.
struct Operand {
  const void* data = nullptr;
  int64_t line = 0;         ///< numbers from one line of the matrix to the next
  bool outer_lines = true;  ///< a line holds all k of one outer index, else all outer indices of one k
  Number type = Number::float32;
};

/// Where in an operand, and how far.
struct Range {
  int64_t begin, count;
};

struct ProductKernel {
  /// As float32 to [inner.count][width of a panel]; what lies beyond outer.count, at most that width, becomes 0.
  using Pack = void (*)(const Operand& operand, Range outer, Range inner, float* to);
  /// The product of a left and a right panel to `rows` by `columns` of c, whose lines are `line` floats long; on top of
  /// what c holds if `add`. Every element is one sum in the order of k.
  using Tile = void (*)(int64_t inner, const float* left, const float* right, float* c, int64_t line, int64_t rows,
                        int64_t columns, bool add);

  int rows, columns;  ///< of a whole tile: the widths of a left and of a right panel
  Pack pack_left, pack_right;
  Tile tile;
};

/// The copy for this processor's instruction set (dispatch.h).
const ProductKernel& product_kernel();

}  // namespace latentcrs::kernels
