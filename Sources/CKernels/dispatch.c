#include "ckernels.h"

extern const tf_kernels tf_kernels_baseline;
#if defined(__x86_64__)
extern const tf_kernels tf_kernels_avx2, tf_kernels_avx512;
#endif

const tf_kernels *tf_kernels_for(int instruction_set) {
  switch (instruction_set) {
  case TF_BASELINE: return &tf_kernels_baseline;
#if defined(__x86_64__)
  case TF_AVX2: return __builtin_cpu_supports("avx2") ? &tf_kernels_avx2 : NULL;
  case TF_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
                   && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                   && __builtin_cpu_supports("avx512vnni")
               ? &tf_kernels_avx512
               : NULL;
#endif
  default: return NULL;
  }
}
