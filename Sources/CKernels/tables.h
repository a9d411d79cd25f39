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

// Words of int16, two to a lane, in a table of them.

/// The rows that an operation reads, as the next vector of each and how far it is to the one after: 0 where one vector is all of
/// them. They are not kept together: two words written one by one cannot be read as one before they are in the cache.
typedef struct {
  const uint8_t *rows[4];
  size_t steps[4];
} tf_row_sources;

INLINE vec next_vec(const uint8_t **row, size_t step) {
  const vec v = load_vec(*row);
  *row += step;
  return v;
}

#if defined(TF_USE_AVX512)
/// Of indices below blocks · 64, a power of 2: pairs of registers hold 64 words each, and the higher bits of indices choose
/// between what was found in those. The lowest of these bits does so as words are looked up, which leave the other indices as they are.
INLINE __m512i permuted(const __m512i_u *table, __m512i at, const int blocks) {
  if (blocks == 1) return _mm512_permutex2var_epi16(table[0], at, table[1]);
  __m512i found[8];
  const __mmask32 odd = _mm512_test_epi16_mask(at, _mm512_set1_epi16(64));
  UNROLL for (int k = 0; k < blocks; k += 2) {
    const __m512i even = _mm512_mask2_permutex2var_epi16(table[2 * k], at, ~odd, table[2 * k + 1]);
    found[k / 2] = _mm512_mask2_permutex2var_epi16(table[2 * k + 2], even, odd, table[2 * k + 3]);
  }
  UNROLL for (int bit = 128, left = blocks / 2; left > 1; bit *= 2, left /= 2) {
    const __mmask32 upper = _mm512_test_epi16_mask(at, _mm512_set1_epi16((int16_t)bit));
    UNROLL for (int k = 0; k < left; k += 2) found[k / 2] = _mm512_mask_blend_epi16(upper, found[k], found[k + 1]);
  }
  return found[0];
}

/// The words of a vector of indices, which are in range; `blocks` 0: too many for registers.
INLINE __m512i words_at(__m512i at, const __m512i_u *kept, const tf_pair_table *table, const int blocks, const int halved) {
  if (blocks == 0) {
    const __m512i low = _mm512_i32gather_epi32(_mm512_and_si512(at, _mm512_set1_epi32(0xffff)), table->words, 4);
    const __m512i high = _mm512_i32gather_epi32(_mm512_srli_epi32(at, 16), table->words, 4);
    return _mm512_mask_blend_epi16(0xaaaaaaaau, low, _mm512_slli_epi32(high, 16));
  }
  if (!halved) return permuted(kept, at, blocks);
  // What the second of two words is more counts where the index is odd.
  const __m512i found = permuted(kept, _mm512_srli_epi16(at, 1), blocks);
  const __m512i word = _mm512_srai_epi16(found, 4), rise = _mm512_and_si512(found, _mm512_set1_epi16(15));
  return _mm512_mask_add_epi16(word, _mm512_test_epi16_mask(at, _mm512_set1_epi16(1)), word, rise);
}
#elif defined(TF_USE_AVX2)
/// The words of eight indices, one after the other: what a gather of eight does takes twice as long.
INLINE __m128i eight_words(__m128i at, const int32_t *words) {
  const uint64_t one = (uint64_t)_mm_cvtsi128_si64(at), two = (uint64_t)_mm_extract_epi64(at, 1);
  // Two registers, so that half as many words wait for each other.
  __m128i first = _mm_cvtsi32_si128(words[one & 0xffff]), second = _mm_cvtsi32_si128(words[two & 0xffff]);
#define NEXT_WORD(K)                                                                                       \
  first = _mm_insert_epi16(first, words[one >> 16 * K & 0xffff], K);                                       \
  second = _mm_insert_epi16(second, words[two >> 16 * K & 0xffff], K);
  NEXT_WORD(1)
  NEXT_WORD(2)
  NEXT_WORD(3)
#undef NEXT_WORD
  return _mm_unpacklo_epi64(first, second);
}

enum {
  /// Words of a table that is looked up in registers, eight in each.
  FEW_WORDS = 32,
};

/// The words of a vector of indices below FEW_WORDS: the bits of indices from 8 on choose between what was found in each register.
INLINE __m256i few_words_at(__m256i at, const __m256i kept[FEW_WORDS / 8]) {
  // Where the two bytes of a word are. Bytes are found by the lowest four bits, and blends look at the highest one.
  const __m256i bytes = _mm256_add_epi16(_mm256_mullo_epi16(at, _mm256_set1_epi16(0x202)), _mm256_set1_epi16(0x100));
  const __m256i eight = _mm256_slli_epi16(bytes, 3), sixteen = _mm256_slli_epi16(bytes, 2);
  __m256i found[FEW_WORDS / 8];
  UNROLL for (int k = 0; k < FEW_WORDS / 8; k++) found[k] = _mm256_shuffle_epi8(kept[k], bytes);
  return _mm256_blendv_epi8(_mm256_blendv_epi8(found[0], found[1], eight),
                            _mm256_blendv_epi8(found[2], found[3], eight), sixteen);
}

INLINE __m256i words_at(__m256i at, const int32_t *words) {
  return _mm256_setr_m128i(eight_words(_mm256_castsi256_si128(at), words),
                           eight_words(_mm256_extracti128_si256(at, 1), words));
}
#endif

#if !defined(TF_USE_AVX512) && !defined(TF_USE_AVX2)
/// The words of a vector of indices.
INLINE vec int16s_at(vec16 at, const int32_t *words) {
  vec16 found;
  for (size_t k = 0; k < TF_VECTOR_BYTES / 2; k++) found[k] = (int16_t)words[at[k]];
  return (vec)found;
}
#endif

// Which words are less than zero, and a less b for those of them.
#if defined(TF_USE_AVX512)
typedef __mmask32 word_mask;
INLINE word_mask negative_words(vec16 words) { return _mm512_movepi16_mask((__m512i)words); }
INLINE vec less_where(word_mask mask, vec16 a, vec b) {
  return (vec)_mm512_mask_sub_epi16((__m512i)b, mask, (__m512i)a, (__m512i)b);
}
#else
typedef vec16 word_mask;
INLINE word_mask negative_words(vec16 words) { return (vec16)shift_int16_right((vec)words, 15); }
INLINE vec less_where(word_mask mask, vec16 a, vec b) { return (vec)((((vec16)b ^ mask) - mask) + (a & mask)); }
#endif

/// A word's place, as TF_PAIR_LOOKUP has it, or its distance from the middle, as TF_PAIR_LOOKUP_ODD does; `is_negative` where it is before that.
INLINE vec16 place_of(vec16 a, vec16 b, vec16 c, vec16 last, word_mask *is_negative, int count, int is_toward_zero, int is_odd) {
  const vec sum = add_int16((vec)a, (vec)b);
  const vec16 place = (vec16)(is_toward_zero ? toward_zero(sum, count) : shift_int16_right(sum, count));
  if (is_odd) {
    *is_negative = negative_words(place);
    // −32768 has no opposite: as a number without a sign it is beyond the end.
    return (vec16)__builtin_elementwise_min((uvec16)__builtin_elementwise_abs(place), (uvec16)last);
  }
  return __builtin_elementwise_min(__builtin_elementwise_max(place + c, (vec16){}), last);
}

/// TF_PAIR_LOOKUP, TF_PAIR_LOOKUP_AT or TF_PAIR_LOOKUP_ODD. With AVX2 `blocks` says whether the table has at most FEW_WORDS.
INLINE void look_up_of_length(uint8_t *to, const tf_row_sources *from, const tf_pair_op *op, const tf_pair_table *table,
                              size_t bytes, const int blocks, const int halved, const int code) {
  const vec16 last = (vec16){} + (int16_t)(table->count - 1);
  const int count = op->count, is_toward_zero = op->toward_zero, is_odd = code == TF_PAIR_LOOKUP_ODD;
#if defined(TF_USE_AVX512)
  // The compiler would read them again for every vector, as it cannot know that what is written is no table.
  enum { KEPT = 16, AT_ONCE = 4 };
  __m512i registers[KEPT];
  // In memory tables are aligned for int16s only.
  const __m512i_u *kept = (const __m512i_u *)table->int16s;
  if (2 * blocks <= KEPT) {
    UNROLL for (int k = 0; k < 2 * blocks; k++) registers[k] = _mm512_loadu_si512(kept + k);
    kept = registers;
  }
#else
  enum { AT_ONCE = 1 };
  (void)blocks, (void)halved;
  const int32_t *const words = table->words;
#endif
#if defined(TF_USE_AVX2)
  __m256i few[FEW_WORDS / 8] = {};
  if (blocks)
    UNROLL for (int k = 0; k < FEW_WORDS / 8; k++)
      few[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i_u *)table->int16s + k));
#endif
  const uint8_t *first = from->rows[0], *second = from->rows[1], *third = from->rows[2];
  const size_t first_step = from->steps[0], second_step = from->steps[1], third_step = from->steps[2];
  for (size_t i = 0; i < bytes; i += AT_ONCE * TF_VECTOR_BYTES) {
    // Where all places come first, looking up does not wait for them (and on AMD's family 25 it has its pipes for itself).
    vec16 at[AT_ONCE], more[AT_ONCE];
    word_mask is_negative[AT_ONCE];
    UNROLL for (int v = 0; v < AT_ONCE; v++) {
      at[v] = (vec16)next_vec(&first, first_step);
      if (code == TF_PAIR_LOOKUP_AT) continue;
      const vec16 b = (vec16)next_vec(&second, second_step);
      more[v] = (vec16)next_vec(&third, third_step);
      at[v] = place_of(at[v], b, more[v], last, &is_negative[v], count, is_toward_zero, is_odd);
#if defined(TF_USE_AVX512)
      at[v] = (vec16)in_turn((vec)at[v]);
#endif
    }
    UNROLL for (int v = 0; v < AT_ONCE; v++) {
#if defined(TF_USE_AVX512)
      vec found = (vec)words_at((__m512i)at[v], kept, table, blocks, halved);
#elif defined(TF_USE_AVX2)
      vec found = (vec)(blocks ? few_words_at((__m256i)at[v], few) : words_at((__m256i)at[v], words));
#else
      vec found = int16s_at(at[v], words);
#endif
      store_vec(to + i + (size_t)v * TF_VECTOR_BYTES, is_odd ? less_where(is_negative[v], more[v], found) : found);
    }
  }
}

static void look_up_pairs(uint8_t *to, const tf_row_sources *from, const tf_pair_op *op, const tf_pair_table *table,
                          size_t bytes) {
#define LOOK_UP(BLOCKS, HALVED)                                                                            \
  switch (op->code) {                                                                                      \
  case TF_PAIR_LOOKUP: look_up_of_length(to, from, op, table, bytes, BLOCKS, HALVED, TF_PAIR_LOOKUP); return;       \
  case TF_PAIR_LOOKUP_AT: look_up_of_length(to, from, op, table, bytes, BLOCKS, HALVED, TF_PAIR_LOOKUP_AT); return; \
  default: look_up_of_length(to, from, op, table, bytes, BLOCKS, HALVED, TF_PAIR_LOOKUP_ODD); return;               \
  }
#if defined(TF_USE_AVX512)
#define LOOK_UP_EITHER(BLOCKS)                                                                             \
  if (table->is_halved) { LOOK_UP(BLOCKS, 1) } else { LOOK_UP(BLOCKS, 0) }
  switch (table->int16s ? table->blocks : 0) {
  case 1: LOOK_UP_EITHER(1)
  case 2: LOOK_UP_EITHER(2)
  case 4: LOOK_UP_EITHER(4)
  case 8: LOOK_UP_EITHER(8)
  case 16: LOOK_UP_EITHER(16)
  }
#undef LOOK_UP_EITHER
#elif defined(TF_USE_AVX2)
  // Indices that need no look at the end go beyond FEW_WORDS.
  if (op->code != TF_PAIR_LOOKUP_AT && table->int16s && !table->is_halved && table->count <= FEW_WORDS) { LOOK_UP(1, 0) }
#endif
  LOOK_UP(0, 0)
#undef LOOK_UP
}
