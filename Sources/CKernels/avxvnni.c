// Kernels for x86-64 machines with AVX2 and dot products of that length (AVX-VNNI).
#if defined(__x86_64__)
#include <immintrin.h>
#pragma clang attribute push(__attribute__((target("avx2,avxvnni"))), apply_to = function)
#define TF_USE_AVX2
#define TF_USE_VNNI
#define TF_VECTOR_BYTES 32
#define TF_TABLE tf_kernels_avxvnni
#include "kernels.h"
#pragma clang attribute pop
#endif
