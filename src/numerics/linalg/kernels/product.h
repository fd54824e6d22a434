// The two steps of a large matrix product for the vectors of one instruction set: packing panels, and multiplying two
// of them. numerics/linalg/packed_product.h has the whole product.
#pragma once

#include <cstdint>

namespace latentcrs::kernels {

enum class Number { float32, float16, bfloat16 };

/// A factor of c(i, j) = Σ_k a(i, k) b(j, k). Its outer index is i or j, its inner index k.
struct Operand {
  const void* data = nullptr;
  int64_t line = 0;         ///< numbers from one line of the matrix to the next
  bool outer_lines = true;  ///< a line holds all k of one outer index, else all outer indices of one k
  Number type = Number::float32;
};

/// Indices begin .. begin + count - 1 of an operand.
struct Range {
  int64_t begin, count;
};

/// The part of c that a tile is written to.
struct TileTarget {
  float* data = nullptr;
  int64_t line = 0;               ///< floats from one row to the next
  int64_t rows = 0, columns = 0;  ///< at most those of a whole tile
};

enum class TileStart { zero, target };  ///< the start of the sums of a tile

struct ProductKernel {
  /// Packs numbers as float32 to [inner.count][width of a panel]. Places beyond outer.count, which is at most that
  /// width, become 0.
  using Pack = void (*)(const Operand& operand, Range outer, Range inner, float* to);
  /// The product of a left and a right panel of `inner` numbers a row. Every element is one sum in the order of k.
  using Tile = void (*)(int64_t inner, const float* left, const float* right, const TileTarget& target,
                        TileStart start);

  int rows, columns;  ///< of a whole tile: the widths of a left and of a right panel
  Pack pack_left, pack_right;
  Tile tile;
};

/// The copy for this processor's instruction set (dispatch.h).
const ProductKernel& product_kernel();

}  // namespace latentcrs::kernels
