// Kernels for any machine: SSE2 on x86-64, NEON on arm64, as the compiler's default target has it.
#define TF_TABLE tf_kernels_baseline
#include "kernels.h"
