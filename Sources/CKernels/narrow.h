// Elementwise regions whose words all fit int16: `region` of operations.h on rows of int16, twice as many to a vector.
#pragma once

#include "lanes.h"
#include "tables.h"

typedef uint16_t uvec16 __attribute__((vector_size(TF_VECTOR_BYTES)));
typedef int16_t loose16 __attribute__((vector_size(TF_VECTOR_BYTES), aligned(2), may_alias));
/// As many int16 as a vector has 32-bit lanes.
typedef int16_t half_of_vec __attribute__((vector_size(TF_VECTOR_BYTES / 2), aligned(2), may_alias));

enum { WORDS = TF_VECTOR_BYTES / 2 };

// A row of scratch memory, and a loop over the vectors of a row of N words.
#define NARROW_ROW(TILE, INDEX) ((int16_t *)(TILE)->scratch + (size_t)(INDEX) * ((TILE)->events + TF_ROW_GAP))
#define FOR_INT16S(I, N) for (size_t I = 0; I < (N); I += WORDS)

INLINE vec16 load_words(const int16_t *from) { return *(const loose16 *)from; }
INLINE void store_words(int16_t *to, vec16 words) { *(loose16 *)to = words; }
INLINE vec16 splat_word(int32_t word) { return (vec16){} + (int16_t)word; }
INLINE vec16 words_left(vec16 words, int count) { return (vec16)((uvec16)words << (uint16_t)count); }
INLINE vec16 words_right(vec16 words, int count) { return (vec16)shift_int16_right((vec)words, count); }

/// The lower (0) or upper (1) int16 of the lanes of a, then of b.
INLINE vec16 words_of_lanes(vec a, vec b, const int upper) {
#if TF_VECTOR_BYTES == 64
#define EVERY_SECOND(A, B, U)                                                                              \
  __builtin_shufflevector(A, B, U, U + 2, U + 4, U + 6, U + 8, U + 10, U + 12, U + 14, U + 16, U + 18, U + 20, U + 22,    \
                          U + 24, U + 26, U + 28, U + 30, U + 32, U + 34, U + 36, U + 38, U + 40, U + 42, U + 44, U + 46, \
                          U + 48, U + 50, U + 52, U + 54, U + 56, U + 58, U + 60, U + 62)
#elif TF_VECTOR_BYTES == 32
#define EVERY_SECOND(A, B, U)                                                                              \
  __builtin_shufflevector(A, B, U, U + 2, U + 4, U + 6, U + 8, U + 10, U + 12, U + 14, U + 16, U + 18, U + 20, U + 22,    \
                          U + 24, U + 26, U + 28, U + 30)
#else
#define EVERY_SECOND(A, B, U) __builtin_shufflevector(A, B, U, U + 2, U + 4, U + 6, U + 8, U + 10, U + 12, U + 14)
#endif
  return upper ? EVERY_SECOND((vec16)a, (vec16)b, 1) : EVERY_SECOND((vec16)a, (vec16)b, 0);
#undef EVERY_SECOND
}

static void load_narrow(const tf_tile *tile, const tf_row *row, int16_t *target) {
  if (row->storage == TF_CONSTANT) {
    const vec16 word = splat_word((int32_t)tile->constants[row->lane].low);
    FOR_INT16S(i, tile->events) store_words(target + i, word);
    return;
  }
  const int upper = row->storage == TF_U8 ? row->position / 2 : row->storage == TF_S16 && row->position;
  const int odd = row->position % 2, is_byte = row->storage == TF_U8;
  const vec16 offset = splat_word(row->offset);
  for (size_t start = 0; start < tile->events; start += TF_BLOCK, target += TF_BLOCK) {
    const uint8_t *from = at(tile, row->lane, start);
    FOR_INT16S(i, TF_BLOCK) {
      const vec a = load_vec(from + i * TF_LANE_BYTES), b = load_vec(from + (i + LANES) * TF_LANE_BYTES);
      vec16 words = upper ? words_of_lanes(a, b, 1) : words_of_lanes(a, b, 0);
      if (is_byte) words = odd ? (vec16)((uvec16)words >> 8) : words & 0xff;
      store_words(target + i, words_left(words, row->shift) + offset);
    }
  }
}

/// As `store`: the element at position 0 of a lane clears the rest of it.
static void store_narrow(const tf_tile *tile, const tf_row *row, const int16_t *source) {
  const int bits = row->storage == TF_U8 ? 8 : row->storage == TF_S16 ? 16 : 0, up = bits * row->position;
  const vec offset = splat(row->offset), kept = splat(bits == 8 ? 0xff : 0xffff);
  const vec others = splat(row->position ? ~(int32_t)((bits == 8 ? 0xffu : 0xffffu) << up) : 0);
  for (size_t start = 0; start < tile->events; start += TF_BLOCK, source += TF_BLOCK) {
    uint8_t *to = at(tile, row->lane, start);
    for (size_t i = 0; i < TF_BLOCK; i += LANES) {
      const vec word = (__builtin_convertvector(*(const half_of_vec *)(source + i), vec) - offset) >> row->shift;
      uint8_t *lanes = to + i * TF_LANE_BYTES;
      if (bits) store_vec(lanes, (load_vec(lanes) & others) | shift_left(word & kept, up));
      else store_vec(lanes, word);
    }
  }
}

/// word / 2^shift, rounded, shift > 0. Conditions that hold are −1.
INLINE vec16 rounded_words(vec16 word, int shift, int rounding) {
  const vec16 floor = words_right(word, shift), rest = word & splat_word((1 << shift) - 1);
  const vec16 half = splat_word(1 << (shift - 1));
  switch (rounding) {
  case TF_TRN: return floor;
  case TF_TRN_ZERO: return floor - ((word < 0) & (rest != 0));
  case TF_RND: return floor - (rest >= half);
  case TF_RND_ZERO: return floor - ((rest > half) | ((rest == half) & (word < 0)));
  case TF_RND_INF: return floor - ((rest > half) | ((rest == half) & (word >= 0)));
  case TF_RND_MIN_INF: return floor - (rest > half);
  default: return floor - ((rest > half) | ((rest == half) & -(floor & 1)));
  }
}

INLINE int32_t to_int16(tf_wide wide) {
  if (wide.high != (int64_t)wide.low >> 63) return wide.high < 0 ? INT16_MIN : INT16_MAX;
  const int64_t word = (int64_t)wide.low;
  return word < INT16_MIN ? INT16_MIN : word > INT16_MAX ? INT16_MAX : (int32_t)word;
}

/// What a conversion does to words whose bits it has dropped.
typedef struct {
  int overflow, spare, is_signed, up;
  vec16 low, high;
} narrow_overflow;

INLINE narrow_overflow narrow_overflow_of(const tf_conversion *conversion) {
  return (narrow_overflow){
      .overflow = conversion->check ? conversion->overflow : -1,
      .spare = conversion->width < 16 ? 16 - conversion->width : 0,
      .is_signed = conversion->is_signed,
      .up = conversion->up,
      .low = splat_word(to_int16(conversion->low)),
      .high = splat_word(to_int16(conversion->high)),
  };
}

INLINE vec16 overflowed(vec16 word, const narrow_overflow *end) {
  switch (end->overflow) {
  case TF_WRAP:
    word = words_left(word, end->spare);
    word = end->is_signed ? words_right(word, end->spare) : (vec16)((uvec16)word >> (uint16_t)end->spare);
    break;
  case TF_SAT: word = __builtin_elementwise_min(__builtin_elementwise_max(word, end->low), end->high); break;
  case TF_SAT_ZERO: word &= (word >= end->low) & (word <= end->high); break;
  default: break;
  }
  return words_left(word, end->up);
}

/// target = source converted: shifted left by what loses nothing, or right with any rounding; no rare overflow.
static void convert_narrow(int16_t *target, const int16_t *source, const tf_conversion *conversion, size_t n) {
  if (conversion->is_zero) {
    FOR_INT16S(i, n) store_words(target + i, splat_word(0));
    return;
  }
  const narrow_overflow end = narrow_overflow_of(conversion);
  const int left = conversion->left, right = conversion->right, rounding = conversion->rounding;
  FOR_INT16S(i, n) {
    vec16 word = words_left(load_words(source + i), left);
    if (right) word = rounded_words(word, right, rounding);
    store_words(target + i, overflowed(word, &end));
  }
}

/// target = a · b converted: shifted right, rounded down or to the nearest, ties up; no rare overflow.
static void multiply_narrow(int16_t *target, const int16_t *a, const int16_t *b, const tf_conversion *conversion, size_t n) {
  const narrow_overflow end = narrow_overflow_of(conversion);
  const int right = conversion->right, wraps = end.overflow == TF_WRAP;
  const int32_t half = right && conversion->rounding == TF_RND ? 1 << (right - 1) : 0;
#if defined(__x86_64__)
  FOR_INT16S(i, n) {
    const vec x = (vec)load_words(a + i), y = (vec)load_words(b + i);
    const vec low = low_products(x, y), high = high_products(x, y);
    // Within 16 bytes, as packing puts them back.
    vec first = shift_right(interleaved_low(low, high) + splat(half), right);
    vec second = shift_right(interleaved_high(low, high) + splat(half), right);
    if (wraps) first = shift_left(first, 16) >> 16, second = shift_left(second, 16) >> 16;
    store_words(target + i, overflowed((vec16)pack_int16(first, second), &end));
  }
#else
  for (size_t i = 0; i < n; i++) {
    const int32_t word = (a[i] * b[i] + half) >> right;
    target[i] = (int16_t)(wraps || (word >= INT16_MIN && word <= INT16_MAX) ? word : word < 0 ? INT16_MIN : INT16_MAX);
  }
  FOR_INT16S(i, n) store_words(target + i, overflowed(load_words(target + i), &end));
#endif
}

static void look_up_narrow(int16_t *target, const int16_t *source, const tf_table *table, size_t n) {
  const int32_t last = (int32_t)table->count - 1;
#if defined(TF_USE_AVX512)
  if (table->int16s) {
    const __m512i *words = (const __m512i *)table->int16s;
    const __m512i a = _mm512_loadu_si512(words), b = _mm512_loadu_si512(words + 1);
    const __m512i c = _mm512_loadu_si512(words + 2), d = _mm512_loadu_si512(words + 3);
    const vec16 end = splat_word(last);
    FOR_INT16S(i, n) {
      const vec16 at = __builtin_elementwise_min(__builtin_elementwise_max(load_words(source + i), splat_word(0)), end);
      const __m512i index = (__m512i)at;
      const __m512i found = _mm512_mask_blend_epi16(
          _mm512_test_epi16_mask(index, _mm512_set1_epi16(64)), _mm512_permutex2var_epi16(a, index, b),
          _mm512_permutex2var_epi16(c, index, d));
      store_words(target + i, (vec16)found);
    }
    return;
  }
#endif
  for (size_t start = 0; start < n; start += TF_BLOCK) {
    int32_t words[TF_BLOCK];
    for (size_t i = 0; i < TF_BLOCK; i++) words[i] = source[start + i];
    look_up(words, words, table->narrow, last, TF_BLOCK);
    for (size_t i = 0; i < TF_BLOCK; i++) target[start + i] = (int16_t)words[i];
  }
}

// TARGET = EXPRESSION of P and Q, the aligned words of A and B, for every vector: one case of a switch.
#define NARROW_OF_TWO(I, N, TARGET, A, SHIFT_A, P, B, SHIFT_B, Q, EXPRESSION)                              \
  FOR_INT16S(I, N) {                                                                                        \
    const vec16 P = words_left(load_words(A + I), SHIFT_A), Q = words_left(load_words(B + I), SHIFT_B);    \
    store_words(TARGET + I, EXPRESSION);                                                                   \
  }                                                                                                        \
  break;

/// One of two words, by a comparison of two others that is −1 where it holds.
INLINE vec16 selected(vec16 holds, vec16 x, vec16 y) { return (x & holds) | (y & ~holds); }

// TARGET = a word of X or of Y, by a comparison of A and B.
#define NARROW_SELECT(I, N, TARGET, OP, A, RELATION, B, X, Y)                                              \
  FOR_INT16S(I, N) {                                                                                        \
    const vec16 p = words_left(load_words(A + I), (OP)->shift[0]), q = words_left(load_words(B + I), (OP)->shift[1]); \
    const vec16 left = words_left(load_words(X + I), (OP)->shift[2]);                                      \
    const vec16 right = words_left(load_words(Y + I), (OP)->shift[3]);                                     \
    store_words(TARGET + I, selected((vec16)(p RELATION q), left, right));                                 \
  }                                                                                                        \
  break;

/// `region` where every word on the way fits int16; products are converted at once (TF_SCALE). Scratch: a row of int16 for
/// each register.
static void region_narrow(const tf_tile *tile, const tf_region *region) {
  const size_t n = whole(tile->events);
  for (size_t element = 0; element < region->count; element++) {
    for (size_t step = 0; step < region->op_count; step++) {
      const tf_op *op = &region->ops[step];
      if (op->once && element > 0) continue;
      int16_t *target = NARROW_ROW(tile, op->target);
      const int16_t *a = NARROW_ROW(tile, op->source[0]), *b = NARROW_ROW(tile, op->source[1]);
      const int16_t *x = NARROW_ROW(tile, op->source[2]), *y = NARROW_ROW(tile, op->source[3]);
      const int sa = op->shift[0], sb = op->shift[1];
      const size_t index = op->index + (op->each ? element : 0);
      switch (op->code) {
      case TF_LOAD: load_narrow(tile, &region->rows[op->index + element], target); break;
      case TF_STORE: store_narrow(tile, &region->rows[op->index + element], a); break;
      case TF_CONVERT: convert_narrow(target, a, &region->conversions[index], n); break;
      case TF_SCALE: multiply_narrow(target, a, b, &region->conversions[index], n); break;
      case TF_LOOKUP: look_up_narrow(target, a, &region->tables[index], n); break;
      case TF_ADD: NARROW_OF_TWO(i, n, target, a, sa, p, b, sb, q, p + q)
      case TF_SUBTRACT: NARROW_OF_TWO(i, n, target, a, sa, p, b, sb, q, p - q)
      case TF_MAXIMUM: NARROW_OF_TWO(i, n, target, a, sa, p, b, sb, q, __builtin_elementwise_max(p, q))
      case TF_MINIMUM: NARROW_OF_TWO(i, n, target, a, sa, p, b, sb, q, __builtin_elementwise_min(p, q))
      case TF_LESS: NARROW_SELECT(i, n, target, op, a, <, b, x, y)
      case TF_LESS_OR_EQUAL: NARROW_SELECT(i, n, target, op, a, <=, b, x, y)
      case TF_EQUAL: NARROW_SELECT(i, n, target, op, a, ==, b, x, y)
      case TF_GREATER_OR_EQUAL: NARROW_SELECT(i, n, target, op, a, >=, b, x, y)
      default: NARROW_SELECT(i, n, target, op, a, >, b, x, y)
      }
    }
  }
}

#undef NARROW_OF_TWO
#undef NARROW_SELECT
