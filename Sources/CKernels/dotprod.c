// Kernels for arm64 machines with dot products of signed bytes.
#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod"))), apply_to = function)
#define TF_USE_DOTPROD
#define TF_VECTOR_BYTES 16
#define TF_TABLE tf_kernels_dotprod
#include "kernels.h"
#pragma clang attribute pop
#endif
