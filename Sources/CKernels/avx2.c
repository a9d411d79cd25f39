// Kernels for x86-64 machines with AVX2.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define TF_USE_AVX2
#define TF_VECTOR_BYTES 32
#define TF_TABLE tf_kernels_avx2
#include "kernels.h"
#pragma clang attribute pop
#endif
