// Kernels for x86-64 machines with AMX: those of AVX-512, and products of matrices in tiles, of bytes and of bfloat16.
#if defined(__x86_64__) && defined(__linux__)
#include <immintrin.h>
#pragma clang attribute push(                                                                              \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,amx-tile,amx-int8,amx-bf16"))),            \
    apply_to = function)
#define TF_USE_AVX512
#define TF_USE_VNNI
#define TF_USE_AMX
#define TF_VECTOR_BYTES 64
#define TF_TABLE tf_kernels_amx
#include "kernels.h"
#pragma clang attribute pop
#endif
