// Looking words up in tables.
#pragma once

#include "ckernels.h"
#include "vectors.h"

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

#if defined(TF_USE_AVX512)
/// look_up in a short table, which stays in registers: gathering takes longer the more words there are.
INLINE void look_up_in(int32_t *target, const int32_t *source, const int16_t *words, int32_t last, size_t n, const int pairs) {
  // Two registers at a time hold 64 words.
  __m512i table[TF_SHORT_TABLE / 32];
  UNROLL for (int k = 0; k < 2 * pairs; k++) table[k] = _mm512_loadu_si512((const __m512i *)words + k);
  const __m512i first = _mm512_setzero_si512(), end = _mm512_set1_epi32(last);
  const __m512i bits[2] = {_mm512_set1_epi16(64), _mm512_set1_epi16(128)};
  // n is a multiple of 64. The indices of two vectors as int16, one vector's below the other's.
  for (size_t i = 0; i < n; i += 32) {
    const __m512i low = _mm512_max_epi32(_mm512_loadu_si512(source + i), first);
    const __m512i high = _mm512_max_epi32(_mm512_loadu_si512(source + i + 16), first);
    const __m512i at = _mm512_or_si512(
        _mm512_min_epi32(low, end), _mm512_slli_epi32(_mm512_min_epi32(high, end), 16));
    __m512i found[TF_SHORT_TABLE / 64];
    UNROLL for (int k = 0; k < pairs; k++) found[k] = _mm512_permutex2var_epi16(table[2 * k], at, table[2 * k + 1]);
    UNROLL for (int level = 0; level < 2 && pairs >> level > 1; level++) {
      const __mmask32 upper = _mm512_test_epi16_mask(at, bits[level]);
      UNROLL for (int k = 0; k < pairs >> level; k += 2)
        found[k / 2] = _mm512_mask_blend_epi16(upper, found[k], found[k + 1]);
    }
    _mm512_storeu_si512(target + i, _mm512_srai_epi32(_mm512_slli_epi32(found[0], 16), 16));
    _mm512_storeu_si512(target + i + 16, _mm512_srai_epi32(found[0], 16));
  }
}

static inline void look_up_short(int32_t *target, const int32_t *source, const int16_t *words, int32_t last, size_t n) {
  if (last < TF_SHORT_TABLE / 2) look_up_in(target, source, words, last, n, TF_SHORT_TABLE / 128);
  else look_up_in(target, source, words, last, n, TF_SHORT_TABLE / 64);
}
#endif
