// Elementwise work on lanes as the arena has them: two int16 to a lane, which stay there, or words of 32 bits. Rows are runs of
// lanes of a block of events, in the arena or in scratch memory, so that all loops are over memory as it lies.
#pragma once

#include "lanes.h"
#include "tables.h"

/// Low 16 bits of (a · b) >> count for each word, count from 0 to 16.
INLINE vec product_bits(vec a, vec b, int count) {
  const vec16 low = (vec16)low_products(a, b), high = (vec16)high_products(a, b);
  return (vec)(shift_words_logical(low, count) | shift_words_left(high, 16 - count));
}

/// Low 16 bits of (a · b + c · d) >> count, count from 0 to 16. Sums wrap at 32 bits, of which none above bit count + 15 is kept.
INLINE vec sum_bits(vec a, vec b, vec c, vec d, int count) {
  const vec lower = products(low_pairs(a, c), low_pairs(b, d));
  const vec upper = products(high_pairs(a, c), high_pairs(b, d));
  return halves(shift_logical(lower, count), shift_left(upper, 16 - count));
}

/// Low 32 bits of (a · b + half) >> count for each word, count from 0 to 31.
INLINE vec wide_product(vec a, vec b, int64_t half, int count) {
#if defined(TF_USE_AVX512)
  const __m512i added = _mm512_set1_epi64(half);
  const __m512i lower = _mm512_add_epi64(_mm512_mul_epi32((__m512i)a, (__m512i)b), added);
  const __m512i upper =
      _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64((__m512i)a, 32), _mm512_srli_epi64((__m512i)b, 32)), added);
  return (vec)_mm512_mask_blend_epi32(0xaaaa, _mm512_srlv_epi64(lower, _mm512_set1_epi64(count)),
                                      _mm512_sllv_epi64(upper, _mm512_set1_epi64(32 - count)));
#elif defined(TF_USE_AVX2)
  const __m256i added = _mm256_set1_epi64x(half);
  const __m256i lower = _mm256_add_epi64(_mm256_mul_epi32((__m256i)a, (__m256i)b), added);
  const __m256i upper =
      _mm256_add_epi64(_mm256_mul_epi32(_mm256_srli_epi64((__m256i)a, 32), _mm256_srli_epi64((__m256i)b, 32)), added);
  return (vec)_mm256_blend_epi32(_mm256_srl_epi64(lower, _mm_cvtsi32_si128(count)),
                                 _mm256_sll_epi64(upper, _mm_cvtsi32_si128(32 - count)), 0xaa);
#else
  vec words;
  for (int k = 0; k < LANES; k++) words[k] = (int32_t)(((int64_t)a[k] * b[k] + half) >> count);
  return words;
#endif
}

// TARGET = EXPRESSION for every vector of a row of BYTES; P to S are the sources' vectors.
#define ROW(TARGET, SOURCE, BYTES, P, Q, R, S, EXPRESSION)                                                 \
  for (size_t i = 0; i < (BYTES); i += TF_VECTOR_BYTES) {                                                  \
    const vec P = load_vec((SOURCE)[0] + i), Q = load_vec((SOURCE)[1] + i);                                \
    const vec R = load_vec((SOURCE)[2] + i), S = load_vec((SOURCE)[3] + i);                                \
    (void)P, (void)Q, (void)R, (void)S;                                                                    \
    store_vec((TARGET) + i, (vec)(EXPRESSION));                                                            \
  }                                                                                                        \
  break;

/// One operation on a row of `bytes`.
static void pair_op(const tf_pair_op *op, const tf_pair_table *tables, uint8_t *to, uint8_t *const from[4], size_t bytes) {
  const int count = op->count;
  __builtin_assume(bytes > 0 && bytes % STRIDE == 0);
  switch (op->code) {
  case TF_PAIR_COPY: ROW(to, from, bytes, a, b, c, d, a)
  case TF_PAIR_ADD: ROW(to, from, bytes, a, b, c, d, (vec16)a + (vec16)b)
  case TF_PAIR_SUBTRACT: ROW(to, from, bytes, a, b, c, d, (vec16)a - (vec16)b)
  case TF_PAIR_MAXIMUM: ROW(to, from, bytes, a, b, c, d, __builtin_elementwise_max((vec16)a, (vec16)b))
  case TF_PAIR_MINIMUM: ROW(to, from, bytes, a, b, c, d, __builtin_elementwise_min((vec16)a, (vec16)b))
  case TF_PAIR_AND: ROW(to, from, bytes, a, b, c, d, a & b)
  case TF_PAIR_LEFT: ROW(to, from, bytes, a, b, c, d, shift_words_left((vec16)a, count))
  case TF_PAIR_RIGHT: ROW(to, from, bytes, a, b, c, d, shift_int16_right(a, count))
  case TF_PAIR_TOWARD_ZERO: ROW(to, from, bytes, a, b, c, d, toward_zero(a, count))
  case TF_PAIR_MULTIPLY: ROW(to, from, bytes, a, b, c, d, product_bits(a, b, count))
  case TF_PAIR_SUM: ROW(to, from, bytes, a, b, c, d, sum_bits(a, b, c, d, count))
  case TF_PAIR_LOOKUP: look_up_pairs(to, from, op, &tables[op->table], bytes); break;
  case TF_PAIR_RIGHT_BITS: ROW(to, from, bytes, a, b, c, d, shift_words_logical((vec16)a, count))
  case TF_PAIR_LOWER: ROW(to, from, bytes, a, b, c, d, shift_left(a, 16) >> 16)
  case TF_PAIR_UPPER: ROW(to, from, bytes, a, b, c, d, a >> 16)
  case TF_PAIR_LOWER_BITS: ROW(to, from, bytes, a, b, c, d, a & splat(0xffff))
  case TF_PAIR_UPPER_BITS: ROW(to, from, bytes, a, b, c, d, shift_logical(a, 16))
  case TF_PAIR_JOIN: ROW(to, from, bytes, a, b, c, d, low_pairs(a, b))
  case TF_PAIR_JOIN_UPPER: ROW(to, from, bytes, a, b, c, d, high_pairs(a, b))
  case TF_WIDE_ADD: ROW(to, from, bytes, a, b, c, d, (uvec)a + (uvec)b)
  case TF_WIDE_SUBTRACT: ROW(to, from, bytes, a, b, c, d, (uvec)a - (uvec)b)
  case TF_WIDE_MAXIMUM: ROW(to, from, bytes, a, b, c, d, maximum(a, b))
  case TF_WIDE_MINIMUM: ROW(to, from, bytes, a, b, c, d, minimum(a, b))
  case TF_WIDE_LEFT: ROW(to, from, bytes, a, b, c, d, shift_left(a, count))
  case TF_WIDE_RIGHT: ROW(to, from, bytes, a, b, c, d, shift_right(a, count))
  case TF_WIDE_MULTIPLY: ROW(to, from, bytes, a, b, c, d, wide_product(a, b, 0, count))
  case TF_WIDE_MULTIPLY_ROUND: ROW(to, from, bytes, a, b, c, d, wide_product(a, b, (int64_t)1 << (count - 1), count))
  }
}

#undef ROW

/// Scratch: `rows` rows of `width` lanes of a block, and a cache line after each.
static void pairs(const tf_tile *tile, const tf_pairs *plan) {
  const size_t bytes = plan->width * (size_t)STRIDE, row = bytes + CACHE_LINE;
  for (size_t k = 0; k < plan->constant_count; k++) {
    const vec word = splat(plan->constants[k]);
    for (size_t i = 0; i < bytes; i += TF_VECTOR_BYTES) store_vec(tile->scratch + k * row + i, word);
  }
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    for (size_t chunk = 0; chunk < plan->chunks; chunk++) {
      for (size_t step = 0; step < plan->op_count; step++) {
        const tf_pair_op *op = &plan->ops[step];
        uint8_t *places[5];
        for (int k = 0; k < 5; k++) {
          const int32_t place = op->places[k];
          places[k] = place >= 0 ? tile->scratch + (size_t)place * row
                                 : at(tile, plan->lanes[(size_t)~place * plan->chunks + chunk], event);
        }
        pair_op(op, plan->tables, places[0], places + 1, bytes);
      }
    }
  }
}
