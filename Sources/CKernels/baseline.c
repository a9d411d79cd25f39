// Kernels for any machine: SSE2 on x86-64, NEON on arm64, as the compiler's default target has it.
#if defined(__x86_64__)
#include <immintrin.h>
#define TF_USE_SSE2
#endif
#define TF_VECTOR_BYTES 16
#define TF_TABLE tf_kernels_baseline
#include "kernels.h"
