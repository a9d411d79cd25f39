// All kernels of one instruction set. Included once per set, with TF_TABLE naming the table.

#include "ckernels.h"

// Loops ask to be vectorized; the 128-bit ones, and a few on old instruction sets, cannot be.
#pragma clang diagnostic ignored "-Wpass-failed"
// Vectors longer than the machine's are passed between functions that are always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#include "vectors.h"

/// A number of events, of which compilers then know that they fill vectors: loops need no remainders.
static inline size_t whole(size_t events) {
  __builtin_assume(events > 0 && events % TF_BLOCK == 0);
  return events;
}

/// target = words[source], indices beyond the ends taken as the ends.
static inline void look_up(int32_t *target, const int32_t *source, const int32_t *words, int32_t last, size_t n) {
#if defined(TF_USE_AVX512)
  // n is a multiple of 64. Gathering by hand: the compiler's own loop loads one word at a time.
  for (size_t i = 0; i < n; i += 16) {
    __m512i at = _mm512_max_epi32(_mm512_loadu_si512(source + i), _mm512_setzero_si512());
    at = _mm512_min_epi32(at, _mm512_set1_epi32(last));
    _mm512_storeu_si512(target + i, _mm512_i32gather_epi32(at, words, 4));
  }
#elif defined(TF_USE_AVX2)
  for (size_t i = 0; i < n; i += 8) {
    __m256i at = _mm256_max_epi32(_mm256_loadu_si256((const __m256i *)(source + i)), _mm256_setzero_si256());
    at = _mm256_min_epi32(at, _mm256_set1_epi32(last));
    _mm256_storeu_si256((__m256i *)(target + i), _mm256_i32gather_epi32(words, at, 4));
  }
#else
  for (size_t i = 0; i < n; i++) {
    const int32_t at = source[i] < 0 ? 0 : source[i];
    target[i] = words[at > last ? last : at];
  }
#endif
}

// Four numbers in a row, wherever they lie.
typedef float float_quad __attribute__((vector_size(16), aligned(4), may_alias));
typedef double double_quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t long_quad __attribute__((vector_size(32), aligned(8), may_alias));

/// Turns four rows of numbers into events of `count` numbers, sixteen events at a time. Returns how many are done.
static inline size_t turn_floats(const float *from, size_t row, float *to, size_t count, size_t events) {
  size_t event = 0;
  (void)from, (void)row, (void)to, (void)count, (void)events;
#if defined(TF_USE_AVX512)
  for (; event + 16 <= events; event += 16, from += 16, to += 16 * count) {
    const __m512 a = _mm512_loadu_ps(from), b = _mm512_loadu_ps(from + row);
    const __m512 c = _mm512_loadu_ps(from + 2 * row), d = _mm512_loadu_ps(from + 3 * row);
    const __m512d ab = (__m512d)_mm512_unpacklo_ps(a, b), cd = (__m512d)_mm512_unpacklo_ps(c, d);
    const __m512d ef = (__m512d)_mm512_unpackhi_ps(a, b), gh = (__m512d)_mm512_unpackhi_ps(c, d);
    // Vector k holds events k, k + 4, k + 8 and k + 12.
    const __m512 turned[4] = {
        (__m512)_mm512_unpacklo_pd(ab, cd), (__m512)_mm512_unpackhi_pd(ab, cd),
        (__m512)_mm512_unpacklo_pd(ef, gh), (__m512)_mm512_unpackhi_pd(ef, gh)};
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; k++) {
      _mm_storeu_ps(to + k * count, _mm512_extractf32x4_ps(turned[k], 0));
      _mm_storeu_ps(to + (k + 4) * count, _mm512_extractf32x4_ps(turned[k], 1));
      _mm_storeu_ps(to + (k + 8) * count, _mm512_extractf32x4_ps(turned[k], 2));
      _mm_storeu_ps(to + (k + 12) * count, _mm512_extractf32x4_ps(turned[k], 3));
    }
  }
#endif
  return event;
}

#if defined(TF_USE_AVX512)
/// look_up in a short table, which stays in registers: gathering takes longer the more words there are.
static inline void look_up_short(int32_t *target, const int32_t *source, const int16_t *words, int32_t last, size_t n) {
  const __m512i *table = (const __m512i *)words;
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 1);
  const __m512i c = _mm512_loadu_si512(table + 2), d = _mm512_loadu_si512(table + 3);
  const __m512i first = _mm512_setzero_si512(), end = _mm512_set1_epi32(last), upper = _mm512_set1_epi16(64);
  // n is a multiple of 64. The indices of two vectors in halves, one vector's below the other's.
  for (size_t i = 0; i < n; i += 32) {
    const __m512i low = _mm512_max_epi32(_mm512_loadu_si512(source + i), first);
    const __m512i high = _mm512_max_epi32(_mm512_loadu_si512(source + i + 16), first);
    const __m512i at = _mm512_or_si512(
        _mm512_min_epi32(low, end), _mm512_slli_epi32(_mm512_min_epi32(high, end), 16));
    const __m512i found = _mm512_mask_blend_epi16(
        _mm512_test_epi16_mask(at, upper), _mm512_permutex2var_epi16(a, at, b), _mm512_permutex2var_epi16(c, at, d));
    _mm512_storeu_si512(target + i, _mm512_srai_epi32(_mm512_slli_epi32(found, 16), 16));
    _mm512_storeu_si512(target + i + 16, _mm512_srai_epi32(found, 16));
  }
}
#endif

#define W int32_t
#define U uint32_t
#define WIDTH 32
#define F(name) name##_32
#include "words.h"

#define W int64_t
#define U uint64_t
#define WIDTH 64
#define F(name) name##_64
#include "words.h"

#define W __int128
#define U unsigned __int128
#define WIDTH 128
#define F(name) name##_128
#include "words.h"

#include "dots.h"
#include "inputs.h"
#include "dense.h"

#define WORD_KERNELS(n) {load_##n, store_##n, region_##n, mac_##n, reduce_##n, write_##n}

const tf_kernels TF_TABLE = {
    .words32 = WORD_KERNELS(32),
    .words64 = WORD_KERNELS(64),
    .words128 = WORD_KERNELS(128),
    .dot = dot,
    .pool = pool,
    .peak = peak,
    .read = read_input,
    .dense = run_dense,
};
