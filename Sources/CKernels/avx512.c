// Kernels for x86-64 machines with AVX-512 and its dot products (VNNI).
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(                                                                              \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function)
#define TF_USE_AVX512
#define TF_USE_VNNI
#define TF_VECTOR_BYTES 64
#define TF_TABLE tf_kernels_avx512
#include "kernels.h"
#pragma clang attribute pop
#endif
