#include "ckernels.h"

extern const tf_kernels tf_kernels_baseline;
#if defined(__x86_64__)
#include <cpuid.h>
extern const tf_kernels tf_kernels_avx2, tf_kernels_avxvnni, tf_kernels_avx512bw, tf_kernels_avx512;
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#define TF_HAS_AMX
extern const tf_kernels tf_kernels_amx;

/// Whether this processor has tiles and products of bytes and of bfloat16, and the system lets this process use them.
static int has_tiles(void) {
  // AMX-BF16, AMX-TILE and AMX-INT8 are bits 22, 24 and 25.
  // Linux keeps tiles from processes that have not asked for the room they take in a saved context.
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18, PRODUCTS = 1 << 22 | 3 << 24 };
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (d & PRODUCTS) == PRODUCTS
         && syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}
#endif

static int has_avx512bw(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
         && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

static int has_avx512(void) { return has_avx512bw() && __builtin_cpu_supports("avx512vnni"); }

/// Bit 4 of the first word of what the processor says under 7, 1; where AVX2 may be used, so may these.
static int has_avx_vnni(void) {
  unsigned a, b, c, d;
  return __builtin_cpu_supports("avx2") && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & 1 << 4);
}
#endif

#if defined(__aarch64__)
extern const tf_kernels tf_kernels_dotprod, tf_kernels_i8mm;
#if defined(__linux__)
#include <sys/auxv.h>

static int has_dotprod(void) { return (getauxval(AT_HWCAP) & 1ul << 20) != 0; }
static int has_i8mm(void) { return has_dotprod() && (getauxval(AT_HWCAP2) & 1ul << 13) != 0; }
#elif defined(__APPLE__)
#include <sys/sysctl.h>

static int has(const char *feature) {
  int has = 0;
  size_t size = sizeof has;
  return sysctlbyname(feature, &has, &size, NULL, 0) == 0 && has;
}
static int has_dotprod(void) { return has("hw.optional.arm.FEAT_DotProd"); }
static int has_i8mm(void) { return has_dotprod() && has("hw.optional.arm.FEAT_I8MM"); }
#else
static int has_dotprod(void) { return 0; }
static int has_i8mm(void) { return 0; }
#endif
#endif

const tf_kernels *tf_kernels_for(int instruction_set) {
  switch (instruction_set) {
  case TF_BASELINE: return &tf_kernels_baseline;
#if defined(__x86_64__)
  case TF_AVX2: return __builtin_cpu_supports("avx2") ? &tf_kernels_avx2 : NULL;
  case TF_AVX_VNNI: return has_avx_vnni() ? &tf_kernels_avxvnni : NULL;
  case TF_AVX512_BW: return has_avx512bw() ? &tf_kernels_avx512bw : NULL;
  case TF_AVX512: return has_avx512() ? &tf_kernels_avx512 : NULL;
#endif
#if defined(__aarch64__)
  case TF_DOTPROD: return has_dotprod() ? &tf_kernels_dotprod : NULL;
  case TF_I8MM: return has_i8mm() ? &tf_kernels_i8mm : NULL;
#endif
#if defined(TF_HAS_AMX)
  case TF_AMX: return has_avx512() && has_tiles() ? &tf_kernels_amx : NULL;
#endif
  default: return NULL;
  }
}
