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

/// The int16 nearest to words of 32 bits, those of `lower` first.
INLINE vec nearest_pairs(vec lower, vec upper) {
#if defined(TF_PACKS)
  return ordered_pairs(pack_int16(lower, upper));
#else
  const vec least = splat(INT16_MIN), most = splat(INT16_MAX);
  return low_pairs(minimum(maximum(lower, least), most), minimum(maximum(upper, least), most));
#endif
}

/// TF_PAIR_LINE.
INLINE vec line(vec a, vec b, vec factors, vec start, int count) {
  return nearest_pairs(shift_right(dot_int16(start, low_pairs(a, b), factors), count),
                       shift_right(dot_int16(start, high_pairs(a, b), factors), count));
}

/// TF_WIDE_LESS_LOWER and TF_WIDE_LESS_UPPER: what is less than all of a.
INLINE vec less(vec a, vec taken, vec from, vec added, int count) {
  const uvec part = (uvec)a * ((uvec)from - (uvec)taken) + (uvec)added;
#if defined(TF_USE_AVX512)
  return (vec)((uvec)a - (uvec)_mm512_srlv_epi32((__m512i)part, (__m512i)splat(count)));
#else
  return (vec)((uvec)a - (part >> (uint32_t)count));
#endif
}

// TARGET = EXPRESSION for every vector of a row of BYTES; P to S are the sources' vectors. What the sources are is read once: for all
// the compiler knows it lies in what is written.
#define ROW(TARGET, SOURCES, BYTES, P, Q, R, S, EXPRESSION)                                                \
  {                                                                                                        \
    const uint8_t *one = (SOURCES)->rows[0], *two = (SOURCES)->rows[1];                                    \
    const uint8_t *three = (SOURCES)->rows[2], *four = (SOURCES)->rows[3];                                 \
    const size_t one_step = (SOURCES)->steps[0], two_step = (SOURCES)->steps[1];                           \
    const size_t three_step = (SOURCES)->steps[2], four_step = (SOURCES)->steps[3];                        \
    for (size_t i = 0; i < (BYTES); i += TF_VECTOR_BYTES) {                                                \
      const vec P = next_vec(&one, one_step), Q = next_vec(&two, two_step);                                \
      const vec R = next_vec(&three, three_step), S = next_vec(&four, four_step);                          \
      (void)P, (void)Q, (void)R, (void)S;                                                                  \
      store_vec((TARGET) + i, (vec)(EXPRESSION));                                                          \
    }                                                                                                      \
  }                                                                                                        \
  break;

/// One operation on a row of `bytes`.
static void pair_op(const tf_pair_op *op, const tf_pair_table *tables, uint8_t *to, const tf_row_sources *from,
                    size_t bytes) {
  const int count = op->count;
  __builtin_assume(bytes > 0 && bytes % STRIDE == 0);
  // Of a product: half a step, and what its word is less.
  const int64_t half = count > 0 ? (int64_t)1 << (count - 1) : 0;
  const int64_t added = half - (op->is_less ? (int64_t)32768 << count : 0);
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
  case TF_PAIR_LOOKUP:
  case TF_PAIR_LOOKUP_AT: look_up_pairs(to, from, op, &tables[op->table], bytes); break;
  case TF_PAIR_RIGHT_BITS: ROW(to, from, bytes, a, b, c, d, shift_words_logical((vec16)a, count))
  case TF_PAIR_LOWER: ROW(to, from, bytes, a, b, c, d, shift_left(a, 16) >> 16)
  case TF_PAIR_UPPER: ROW(to, from, bytes, a, b, c, d, a >> 16)
  case TF_PAIR_LOWER_BITS: ROW(to, from, bytes, a, b, c, d, a & splat(0xffff))
  case TF_PAIR_UPPER_BITS: ROW(to, from, bytes, a, b, c, d, shift_logical(a, 16))
  case TF_PAIR_JOIN: ROW(to, from, bytes, a, b, c, d, low_pairs(a, b))
  case TF_PAIR_JOIN_UPPER: ROW(to, from, bytes, a, b, c, d, high_pairs(a, b))
  case TF_PAIR_LINE: ROW(to, from, bytes, a, b, c, d, line(a, b, c, d, count))
  case TF_PAIR_PRODUCTS:
    ROW(to, from, bytes, a, b, c, d, nearest_pairs(wide_product(a, c, added, count), wide_product(b, d, added, count)))
  case TF_WIDE_ADD: ROW(to, from, bytes, a, b, c, d, (uvec)a + (uvec)b)
  case TF_WIDE_SUBTRACT: ROW(to, from, bytes, a, b, c, d, (uvec)a - (uvec)b)
  case TF_WIDE_MAXIMUM: ROW(to, from, bytes, a, b, c, d, maximum(a, b))
  case TF_WIDE_MINIMUM: ROW(to, from, bytes, a, b, c, d, minimum(a, b))
  case TF_WIDE_LEFT: ROW(to, from, bytes, a, b, c, d, shift_left(a, count))
  case TF_WIDE_RIGHT: ROW(to, from, bytes, a, b, c, d, shift_right(a, count))
  case TF_WIDE_MULTIPLY: ROW(to, from, bytes, a, b, c, d, wide_product(a, b, 0, count))
  case TF_WIDE_MULTIPLY_ROUND: ROW(to, from, bytes, a, b, c, d, wide_product(a, b, half, count))
  case TF_WIDE_SUM: ROW(to, from, bytes, a, b, c, d, (uvec)a + (uvec)b + (uvec)c + (uvec)d)
  case TF_WIDE_LESS_LOWER: ROW(to, from, bytes, a, b, c, d, less(a, shift_left(b, 16) >> 16, c, d, count))
  case TF_WIDE_LESS_UPPER: ROW(to, from, bytes, a, b, c, d, less(a, b >> 16, c, d, count))
  }
}

#undef ROW

/// Scratch: `rows` rows of `width` lanes of a block, and a cache line after each.
static void pairs(const tf_tile *tile, const tf_pairs *plan) {
  const size_t bytes = plan->width * (size_t)STRIDE, row = bytes + CACHE_LINE;
  const int32_t constants = (int32_t)plan->constant_count;
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    for (size_t chunk = 0; chunk < plan->chunks; chunk++) {
      for (size_t step = 0; step < plan->op_count; step++) {
        const tf_pair_op *op = &plan->ops[step];
        uint8_t *to = NULL;
        tf_row_sources from;
        for (int k = 0; k < 5; k++) {
          const int32_t place = op->places[k];
          // Of a constant there is one vector.
          const int is_constant = place >= 0 && place < constants;
          uint8_t *const lanes =
              place < 0     ? at(tile, plan->lanes[(size_t)~place * plan->chunks + chunk], event)
              : is_constant ? (uint8_t *)&plan->constants[place * TF_CONSTANT_LANES]
                            : tile->scratch + (size_t)(place - constants) * row;
          if (k == 0) to = lanes;
          else from.rows[k - 1] = lanes, from.steps[k - 1] = is_constant ? 0 : TF_VECTOR_BYTES;
        }
        pair_op(op, plan->tables, to, &from, bytes);
      }
    }
  }
}
