// Events of lanes to rows of events, and back.
#pragma once

#include "lanes.h"

/// Events that are transposed at a time.
enum { READ_EVENTS = 16 };

typedef int32_t quad __attribute__((vector_size(16)));
typedef int32_t loose_quad __attribute__((vector_size(16), aligned(4), may_alias));

#if defined(TF_USE_AVX512)
/// Four lanes of sixteen events, `stride` lanes from one event to the next, as rows.
INLINE void transpose_sixteen(const int32_t *from, size_t stride, vec rows[4]) {
  // Vector j holds events j, j + 4, j + 8 and j + 12, so that transposing within 16 bytes puts events in order.
  __m512i z[4], t[4];
  UNROLL for (int j = 0; j < 4; j++) {
    z[j] = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(from + j * stride)));
    z[j] = _mm512_inserti32x4(z[j], _mm_loadu_si128((const __m128i *)(from + (j + 4) * stride)), 1);
    z[j] = _mm512_inserti32x4(z[j], _mm_loadu_si128((const __m128i *)(from + (j + 8) * stride)), 2);
    z[j] = _mm512_inserti32x4(z[j], _mm_loadu_si128((const __m128i *)(from + (j + 12) * stride)), 3);
  }
  t[0] = _mm512_unpacklo_epi32(z[0], z[1]), t[1] = _mm512_unpackhi_epi32(z[0], z[1]);
  t[2] = _mm512_unpacklo_epi32(z[2], z[3]), t[3] = _mm512_unpackhi_epi32(z[2], z[3]);
  rows[0] = (vec)_mm512_unpacklo_epi64(t[0], t[2]), rows[1] = (vec)_mm512_unpackhi_epi64(t[0], t[2]);
  rows[2] = (vec)_mm512_unpacklo_epi64(t[1], t[3]), rows[3] = (vec)_mm512_unpackhi_epi64(t[1], t[3]);
}
#endif

/// Transposes READ_EVENTS events of four lanes, `stride` lanes from one event to the next, to `some` rows.
INLINE void transpose_lanes(const tf_tile *tile, const int32_t *from, size_t stride, size_t lane, size_t some, size_t event) {
#if defined(TF_USE_AVX512)
  vec rows[4];
  transpose_sixteen(from, stride, rows);
  UNROLL for (int k = 0; k < 4; k++) if ((size_t)k < some) store_vec(at(tile, lane + k, event), rows[k]);
#else
  for (size_t e = 0; e < READ_EVENTS; e += 4) {
    const int32_t *block = from + e * stride;
    const quad a = *(const loose_quad *)block, b = *(const loose_quad *)(block + stride);
    const quad c = *(const loose_quad *)(block + 2 * stride), d = *(const loose_quad *)(block + 3 * stride);
    const quad ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
    const quad ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7);
    const quad rows[4] = {
        __builtin_shufflevector(ab, cd, 0, 1, 4, 5), __builtin_shufflevector(ab, cd, 2, 3, 6, 7),
        __builtin_shufflevector(ef, gh, 0, 1, 4, 5), __builtin_shufflevector(ef, gh, 2, 3, 6, 7)};
    for (size_t k = 0; k < some; k++) *(loose_quad *)at(tile, lane + k, event + e) = rows[k];
  }
#endif
}

// Four numbers in a row, wherever they lie.
typedef float float_quad __attribute__((vector_size(16), aligned(4), may_alias));
typedef double double_quad __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t long_quad __attribute__((vector_size(32), aligned(8), may_alias));

/// Transposes four rows of numbers to events of `count` numbers, sixteen events at a time. Returns how many are done.
static inline size_t transpose_floats(const float *from, size_t row, float *to, size_t count, size_t events) {
  size_t event = 0;
  (void)from, (void)row, (void)to, (void)count, (void)events;
#if defined(TF_USE_AVX512)
  for (; event + 16 <= events; event += 16, from += 16, to += 16 * count) {
    const __m512 a = _mm512_loadu_ps(from), b = _mm512_loadu_ps(from + row);
    const __m512 c = _mm512_loadu_ps(from + 2 * row), d = _mm512_loadu_ps(from + 3 * row);
    const __m512d ab = (__m512d)_mm512_unpacklo_ps(a, b), cd = (__m512d)_mm512_unpacklo_ps(c, d);
    const __m512d ef = (__m512d)_mm512_unpackhi_ps(a, b), gh = (__m512d)_mm512_unpackhi_ps(c, d);
    // Vector k holds events k, k + 4, k + 8 and k + 12.
    const __m512 transposed[4] = {
        (__m512)_mm512_unpacklo_pd(ab, cd), (__m512)_mm512_unpackhi_pd(ab, cd),
        (__m512)_mm512_unpacklo_pd(ef, gh), (__m512)_mm512_unpackhi_pd(ef, gh)};
#pragma clang loop unroll(full)
    for (size_t k = 0; k < 4; k++) {
      _mm_storeu_ps(to + k * count, _mm512_extractf32x4_ps(transposed[k], 0));
      _mm_storeu_ps(to + (k + 4) * count, _mm512_extractf32x4_ps(transposed[k], 1));
      _mm_storeu_ps(to + (k + 8) * count, _mm512_extractf32x4_ps(transposed[k], 2));
      _mm_storeu_ps(to + (k + 12) * count, _mm512_extractf32x4_ps(transposed[k], 3));
    }
  }
#endif
  return event;
}
