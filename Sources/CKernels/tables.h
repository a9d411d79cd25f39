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
static inline void look_up_short(int32_t *target, const int32_t *source, const int16_t *words, int32_t last, size_t n) {
  const __m512i *table = (const __m512i *)words;
  const __m512i a = _mm512_loadu_si512(table), b = _mm512_loadu_si512(table + 1);
  const __m512i c = _mm512_loadu_si512(table + 2), d = _mm512_loadu_si512(table + 3);
  const __m512i first = _mm512_setzero_si512(), end = _mm512_set1_epi32(last), upper = _mm512_set1_epi16(64);
  // n is a multiple of 64. The indices of two vectors as int16, one vector's below the other's.
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
