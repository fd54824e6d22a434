#include "numerics/linalg/serial_product.h"

extern "C" int sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                      const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                      const float* beta, float* c, const int* ldc);

namespace latentcrs {

void serial_product(const MatrixView& a, const MatrixView& b, float* c) {
  const int m = a.transposed ? a.columns : a.rows, k = a.transposed ? a.rows : a.columns;
  const int n = b.transposed ? b.rows : b.columns;
  const float one = 1, zero = 0;
  // BLAS stores matrices column after column. It is asked for cᵀ = bᵀ aᵀ, whose factors lie in memory as it expects.
  sgemm_(b.transposed ? "T" : "N", a.transposed ? "T" : "N", &n, &m, &k, &one, b.data, &b.columns, a.data, &a.columns,
         &zero, c, &n);
}

}  // namespace latentcrs
