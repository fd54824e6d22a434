// A product of matrices in memory by one call of BLAS, for parallel loops whose every thread multiplies matrices of its
// own. Callers include products.h.
#pragma once

namespace latentcrs {

/// A matrix in memory, row after row, taken as it is stored or transposed.
struct MatrixView {
  const float* data = nullptr;
  int rows = 0, columns = 0;  ///< as stored
  bool transposed = false;
};

/// c = a b on the calling thread, where b has as many rows as a has columns, each after its transposition. c is stored
/// row after row without gaps and must not overlap the factors.
void serial_product(const MatrixView& a, const MatrixView& b, float* c);

}  // namespace latentcrs
