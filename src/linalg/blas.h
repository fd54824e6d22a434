// The one BLAS function that is called directly, from threads of our own.
#pragma once

extern "C" int sgemm_(const char* trans_a, const char* trans_b, const int* m, const int* n, const int* k,
                      const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
                      const float* beta, float* c, const int* ldc);
