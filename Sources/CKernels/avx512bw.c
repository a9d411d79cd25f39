// Kernels for x86-64 machines with AVX-512 but not its dot products.
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function)
#define TF_USE_AVX512
#define TF_VECTOR_BYTES 64
#define TF_TABLE tf_kernels_avx512bw
#include "kernels.h"
#pragma clang attribute pop
#endif
