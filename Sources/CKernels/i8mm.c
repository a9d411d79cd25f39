// Kernels for arm64 machines with dot products of unsigned and signed bytes.
#if defined(__aarch64__)
#include <arm_neon.h>
#pragma clang attribute push(__attribute__((target("dotprod,i8mm"))), apply_to = function)
#define TF_USE_DOTPROD
#define TF_USE_I8MM
#define TF_VECTOR_BYTES 16
#define TF_TABLE tf_kernels_i8mm
#include "kernels.h"
#pragma clang attribute pop
#endif
