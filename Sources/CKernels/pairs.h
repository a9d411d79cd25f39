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

/// TF_WIDE_LINE: words v and w of a table that has them by turns.
INLINE vec on_line(vec a, vec added, const int32_t *table, int count, int inner, int right) {
  const vec at = shift_logical(a, count), rest = a & splat((int32_t)((1u << count) - 1));
  vec v, w;
#if defined(TF_USE_AVX512)
  // Eight of two words each: a gather takes as long as it has numbers.
  const __m512i low = _mm512_i32gather_epi64(_mm512_castsi512_si256((__m512i)at), table, 8);
  const __m512i high = _mm512_i32gather_epi64(_mm512_extracti64x4_epi64((__m512i)at, 1), table, 8);
  const __m512i first = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  v = (vec)_mm512_permutex2var_epi32(low, first, high);
  w = (vec)_mm512_permutex2var_epi32(low, _mm512_add_epi32(first, _mm512_set1_epi32(1)), high);
#else
  for (int k = 0; k < LANES; k++) v[k] = table[2 * at[k]], w[k] = table[2 * at[k] + 1];
#endif
  return shift_right(v + shift_right((vec)((uvec)w * (uvec)rest), inner) + added, right);
}

/// TF_WIDE_LOOKUP.
INLINE vec wide_words_at(vec at, const int32_t *words) {
#if defined(TF_USE_AVX512)
  return (vec)_mm512_i32gather_epi32((__m512i)at, words, 4);
#else
  vec found;
  for (int k = 0; k < LANES; k++) found[k] = words[at[k]];
  return found;
#endif
}

/// TF_WIDE_TABLES: `above` is how many registers' pairs the second table has; 0: tables are not looked up in registers.
INLINE void tables_product(uint8_t *to, const tf_row_sources *from, const tf_pair_op *op, const tf_pair_table *tables,
                           size_t bytes, const int above) {
  const int count = op->count, right = op->right;
  const vec16 mask = (vec16){} + (int16_t)((1 << count) - 1), last = (vec16){} + (int16_t)(tables[1].count - 1);
#if defined(TF_USE_AVX512)
  // In memory tables are aligned for int16s only.
  __m512i kept[3][8];
  UNROLL for (int t = 0; t < 3; t++)
    UNROLL for (int k = 0; k < 2 * (t == 1 ? above : above ? 4 : 0); k++)
      kept[t][k] = _mm512_loadu_si512((const __m512i_u *)tables[t].int16s + k);
#define WORDS_AT(T, AT) (vec)words_at((__m512i)(AT), kept[T], &tables[T], (T) == 1 ? above : above ? 4 : 0, 0)
#elif defined(TF_USE_AVX2)
  (void)above;
#define WORDS_AT(T, AT) (vec)words_at((__m256i)(AT), tables[T].words)
#else
  (void)above;
#define WORDS_AT(T, AT) int16s_at(AT, tables[T].words)
#endif
  const uint8_t *a = from->rows[0], *b = from->rows[1], *c = from->rows[2];
  // The second target.
  uint8_t *upper = (uint8_t *)from->rows[3];
  const vec added = load_vec(c);
  for (size_t i = 0; i < bytes; i += TF_VECTOR_BYTES) {
    const vec16 p = (vec16)next_vec(&a, from->steps[0]) - (vec16)next_vec(&b, from->steps[1]);
    const vec16 high = shift_words_logical(p, count);
    const vec low_bits = WORDS_AT(0, high), high_bits = WORDS_AT(1, __builtin_elementwise_min(high, last));
    const vec y = WORDS_AT(2, p & mask);
    const vec first = halves(low_bits, shift_left(high_bits, 16)), second = halves(shift_logical(low_bits, 16), high_bits);
    const vec less_first = (vec)((uvec)first * (uvec)(y & splat(0xffff)) + (uvec)added);
    const vec less_second = (vec)((uvec)second * (uvec)shift_logical(y, 16) + (uvec)added);
#if defined(TF_USE_AVX512)
    const __m512i by = (__m512i)splat(right);
    store_vec(to + i, first - (vec)_mm512_srlv_epi32((__m512i)less_first, by));
    store_vec(upper + i, second - (vec)_mm512_srlv_epi32((__m512i)less_second, by));
#else
    store_vec(to + i, first - shift_logical(less_first, right));
    store_vec(upper + i, second - shift_logical(less_second, right));
#endif
  }
#undef WORDS_AT
}

static void multiply_tables(uint8_t *to, const tf_row_sources *from, const tf_pair_op *op, const tf_pair_table *tables,
                            size_t bytes) {
#if defined(TF_USE_AVX512)
  int are_short = 1;
  for (int t = 0; t < 3; t++)
    are_short = are_short && tables[t].int16s && !tables[t].is_halved && (t == 1 || tables[t].blocks == 4);
  switch (are_short ? tables[1].blocks : 0) {
  case 1: tables_product(to, from, op, tables, bytes, 1); return;
  case 2: tables_product(to, from, op, tables, bytes, 2); return;
  case 4: tables_product(to, from, op, tables, bytes, 4); return;
  }
#endif
  tables_product(to, from, op, tables, bytes, 0);
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
  const int count = op->count, inner = op->inner, right = op->right;
  const int32_t *words = tables[op->table].words;
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
  case TF_PAIR_ADD_MAXIMUM:
    ROW(to, from, bytes, a, b, c, d, __builtin_elementwise_max((vec16)a + (vec16)b, (vec16)c))
  case TF_PAIR_AND: ROW(to, from, bytes, a, b, c, d, a & b)
  case TF_PAIR_LEFT: ROW(to, from, bytes, a, b, c, d, shift_words_left((vec16)a, count))
  case TF_PAIR_RIGHT: ROW(to, from, bytes, a, b, c, d, shift_int16_right(a, count))
  case TF_PAIR_TOWARD_ZERO: ROW(to, from, bytes, a, b, c, d, toward_zero(a, count))
  case TF_PAIR_MULTIPLY: ROW(to, from, bytes, a, b, c, d, product_bits(a, b, count))
  case TF_PAIR_SUM: ROW(to, from, bytes, a, b, c, d, sum_bits(a, b, c, d, count))
  case TF_PAIR_LOOKUP:
  case TF_PAIR_LOOKUP_AT:
  case TF_PAIR_LOOKUP_ODD: look_up_pairs(to, from, op, &tables[op->table], bytes); break;
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
  case TF_WIDE_PRODUCT: ROW(to, from, bytes, a, b, c, d, shift_right((vec)((uvec)a * (uvec)b), count))
  case TF_WIDE_LOOKUP: ROW(to, from, bytes, a, b, c, d, wide_words_at(a, words))
  case TF_WIDE_LINE: ROW(to, from, bytes, a, b, c, d, on_line(a, b, words, count, inner, right))
  case TF_WIDE_TABLES: multiply_tables(to, from, op, &tables[op->table], bytes); break;
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
