// Numbers to stored words: converted event by event as they come, then transposed to rows.
#pragma once

#include "transpose.h"

/// Numbers converted at a time.
enum { NUMBERS = 16 };

typedef int32_t words16 __attribute__((vector_size(64)));
typedef uint32_t unsigned16 __attribute__((vector_size(64)));
typedef int32_t loose_words16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef int16_t loose_shorts16 __attribute__((vector_size(32), aligned(2), may_alias));
typedef uint8_t loose_bytes16 __attribute__((vector_size(16), aligned(1), may_alias));
typedef float floats16 __attribute__((vector_size(64)));
typedef float loose_floats16 __attribute__((vector_size(64), aligned(4), may_alias));
typedef double doubles16 __attribute__((vector_size(128)));
typedef double loose_doubles16 __attribute__((vector_size(128), aligned(8), may_alias));
typedef int64_t longs16 __attribute__((vector_size(128)));
typedef int64_t loose_longs16 __attribute__((vector_size(128), aligned(8), may_alias));

#define WHERE(CONDITION) __builtin_convertvector(CONDITION, words16)

/// Scaled values to integers, INT32_MIN for those too large. What truncation leaves of a value is exact, and
/// says whether the rounding takes another integer.
#define ROUND_VALUES(NAME, REAL, VALUES, MASK)                                                             \
  INLINE words16 NAME(VALUES value, int rounding) {                                                        \
    const MASK fits = (value > (REAL)(-(1 << 30))) & (value < (REAL)(1 << 30));                            \
    const VALUES safe = (VALUES)((MASK)value & fits);                                                      \
    const words16 word = __builtin_convertvector(safe, words16);                                           \
    const VALUES rest = safe - __builtin_convertvector(word, VALUES);                                      \
    const words16 more = WHERE(rest > (REAL)0.5), less = WHERE(rest < (REAL)-0.5);                         \
    const words16 tie = WHERE(rest == (REAL)0.5), negative_tie = WHERE(rest == (REAL)-0.5);                \
    words16 up = more, down = less;                                                                        \
    switch (rounding) {                                                                                    \
    case TF_TRN: up = (words16){}, down = WHERE(rest < 0); break;                                          \
    case TF_TRN_ZERO: up = down = (words16){}; break;                                                      \
    case TF_RND: up |= tie; break;                                                                         \
    case TF_RND_ZERO: break;                                                                               \
    case TF_RND_INF: up |= tie, down |= negative_tie; break;                                               \
    case TF_RND_MIN_INF: down |= negative_tie; break;                                                      \
    default: up |= tie & -(word & 1), down |= negative_tie & -(word & 1);                                  \
    }                                                                                                      \
    /* Conditions that hold are −1. */                                                                     \
    return ((word - up + down) & WHERE(fits)) | (~WHERE(fits) & INT32_MIN);                                \
  }

ROUND_VALUES(round_floats, float, floats16, words16)
ROUND_VALUES(round_doubles, double, doubles16, longs16)

INLINE words16 words_of_floats(const float *from, tf_input input, int rounding) {
  const floats16 value = *(const loose_floats16 *)from * (float)input.scale;
#if defined(TF_USE_AVX512)
  // One instruction, which gives INT32_MIN by itself.
  if (rounding == TF_TRN)
    return (words16)_mm512_cvt_roundps_epi32((__m512)value, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
  if (rounding == TF_RND_CONV)
    return (words16)_mm512_cvt_roundps_epi32((__m512)value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#endif
  return round_floats(value, rounding);
}

INLINE words16 words_of_doubles(const double *from, tf_input input, int rounding) {
#if defined(TF_USE_AVX512)
  if (rounding == TF_TRN) {
    const __m512d scale = _mm512_set1_pd(input.scale);
    const __m512d low = _mm512_mul_pd(_mm512_loadu_pd(from), scale);
    const __m512d high = _mm512_mul_pd(_mm512_loadu_pd(from + 8), scale);
    const __m256i first = _mm512_cvt_roundpd_epi32(low, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    const __m256i second = _mm512_cvt_roundpd_epi32(high, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    return (words16)_mm512_inserti64x4(_mm512_castsi256_si512(first), second, 1);
  }
#endif
  return round_doubles(*(const loose_doubles16 *)from * input.scale, rounding);
}

/// Raw words, already of the input's format.
INLINE words16 words_of_longs(const int64_t *from, tf_input input, int rounding) {
  (void)input, (void)rounding;
  return __builtin_convertvector(*(const loose_longs16 *)from, words16);
}

INLINE words16 in_range(words16 word, tf_input input) {
  if (input.own_wraps) return word;
  const int spare = 32 - input.width;
  const words16 low = (words16){} + input.low, high = (words16){} + input.high;
  switch (input.overflow) {
  case TF_WRAP:
    if (!input.is_signed) return word & high;
    // Storing an int16 drops what is above it.
    if (spare == 16 && input.storage == TF_S16 && !input.own) return word;
    return (words16)((unsigned16)word << (uint32_t)spare) >> spare;
  case TF_SAT: return __builtin_elementwise_min(__builtin_elementwise_max(word, low), high);
  default: return word & (word >= low) & (word <= high);
  }
}

/// Words of sixteen elements from `first` on as each is converted once more.
INLINE words16 own_words(words16 word, const tf_input *input, size_t first) {
  if (!input->own) return word;
  const loose_words16 *own = (const loose_words16 *)(input->own + first * TF_OWN_PARTS);
  word = (word + own[TF_OWN_ADD]) >> own[TF_OWN_RIGHT];
  if (input->own_clamps)
    word = __builtin_elementwise_min(__builtin_elementwise_max(word, (words16)own[TF_OWN_LOW]), (words16)own[TF_OWN_HIGH]);
  word = (((word & own[TF_OWN_MASK]) ^ own[TF_OWN_FLIP]) - own[TF_OWN_FLIP]) << own[TF_OWN_UP];
  return word - own[TF_OWN_OFFSET];
}

/// Converts n numbers. `to` has room for whole vectors. Returns whether all could be.
#define CONVERT(NAME, REAL, WORDS)                                                                         \
  INLINE int NAME##_as(tf_input input, const REAL *from, void *to, size_t n, int rounding) {               \
    words16 bad = {};                                                                                      \
    REAL tail[NUMBERS] = {0};                                                                              \
    for (size_t i = 0; i < n; i += NUMBERS) {                                                              \
      const REAL *some = from + i;                                                                         \
      if (n - i < NUMBERS) {                                                                               \
        for (size_t k = 0; k < n - i; k++) tail[k] = from[i + k];                                          \
        some = tail;                                                                                       \
      }                                                                                                    \
      const words16 word = WORDS(some, input, rounding);                                                   \
      bad |= word == INT32_MIN;                                                                            \
      const words16 kept = own_words(in_range(word, input), &input, i) - input.offset;                     \
      if (input.storage == TF_U8 && !input.high_bits)                                                      \
        *(loose_bytes16 *)((uint8_t *)to + i) = __builtin_convertvector(kept, loose_bytes16);              \
      else if (input.storage != TF_S32)                                                                    \
        *(loose_shorts16 *)((int16_t *)to + i) = __builtin_convertvector(kept, loose_shorts16);            \
      else                                                                                                 \
        *(loose_words16 *)((int32_t *)to + i) = kept;                                                      \
    }                                                                                                      \
    return !__builtin_reduce_or(bad);                                                                      \
  }                                                                                                        \
  static int NAME(tf_input input, const REAL *from, void *to, size_t n) {                                  \
    /* Most inputs are truncated: that loop is made for it. */                                             \
    if (input.rounding == TF_TRN) return NAME##_as(input, from, to, n, TF_TRN);                            \
    return NAME##_as(input, from, to, n, input.rounding);                                                  \
  }

CONVERT(convert_floats, float, words_of_floats)
CONVERT(convert_doubles, double, words_of_doubles)
CONVERT(convert_longs, int64_t, words_of_longs)

/// What rounded words of an input take: no more than being stored, clamps, conversions of their own, both, or anything else.
enum { READ_WRAPS, READ_CLAMPS, READ_OWN, READ_CLAMPS_OWN, READ_OTHERWISE };

/// What an input's words take.
INLINE int way_of_reading(const tf_input *input) {
  const int saturates = input->overflow == TF_SAT, is_plain = input->overflow == TF_WRAP && input->is_signed && input->width == 16;
  if (input->own) return input->own_wraps ? READ_OWN : saturates ? READ_CLAMPS_OWN : READ_OTHERWISE;
  return is_plain ? READ_WRAPS : saturates ? READ_CLAMPS : READ_OTHERWISE;
}

// Two lanes of int16 to a lane of their low bytes, and to one of what is above.
#define LOW_BYTES(A, B) (((A) & 0x00ff00ff) | ((B) & 0x00ff00ff) << 8)
#define HIGH_DIGITS(A, B, BITS, MASK) (((A) >> (BITS) & (MASK)) | ((B) >> (BITS) & (MASK)) << 8)

/// The bits of a byte that a digit of so many bits has, in both int16 of a lane.
INLINE int32_t digit_mask(int bits) { return (0xff << (8 - bits) & 0xff) * 0x00010001; }

#if defined(TF_USE_AVX512) || defined(TF_USE_AVX2)
/// What numbers are multiplied by before they are rounded by an instruction. x rounded to nearest, halves up, is (⌊2x⌋ + 1) >> 1.
INLINE float read_scale(const tf_input *input, int rounding) {
  return (float)input->scale * (rounding == TF_RND ? 2 : 1);
}

/// Stores the lanes of up to sixteen numbers, of int16, or taken apart.
INLINE void store_numbers(const tf_tile *tile, const tf_input *input, const vec lanes[8], size_t first, size_t some,
                          size_t event) {
  if (!input->high_bits) {
    uint8_t *to = at(tile, input->lane + first / 2, event);
    UNROLL for (int k = 0; k < 8; k++) if (2 * (size_t)k < some) store_vec(to + k * STRIDE, lanes[k]);
    return;
  }
  const int bits = input->high_bits;
  const vec mask = splat(digit_mask(bits));
  uint8_t *to = at(tile, input->lane + first / 4, event);
  UNROLL for (int k = 0; k < 4; k++) {
    if (4 * (size_t)k >= some) return;
    const vec a = lanes[2 * k], b = lanes[2 * k + 1];
    store_vec(to + k * STRIDE, LOW_BYTES(a, b));
    const size_t high = input->high_lanes[first / 4 + (size_t)k];
    if (!high) continue;
    vec digits = HIGH_DIGITS(a, b, bits, mask);
    const int copied = input->high_copies[first / 4 + (size_t)k];
    if (copied < 4) {
      digits = shift_logical(digits, 8 * copied) & splat(0xff);
      digits |= shift_left(digits, 8);
      digits |= shift_left(digits, 16);
    }
    store_vec(at(tile, input->lane + high, event), digits);
  }
}
#endif

#if defined(TF_USE_AVX512)
/// What `in_range` and `own_words` need, in registers; `rest` is all that is subtracted at last.
typedef struct {
  vec low, high, add, right, own_low, own_high, mask, flip, up, rest;
} input_ways;

INLINE input_ways ways_of(const tf_input *input, size_t first) {
  input_ways ways = {.low = splat(input->low), .high = splat(input->high), .rest = splat(input->offset)};
  if (!input->own) return ways;
  const int32_t *own = input->own + first * TF_OWN_PARTS;
  enum { RUN = TF_OWN_ELEMENTS };
  ways.add = load_vec(own + RUN * TF_OWN_ADD), ways.right = load_vec(own + RUN * TF_OWN_RIGHT);
  ways.own_low = load_vec(own + RUN * TF_OWN_LOW), ways.own_high = load_vec(own + RUN * TF_OWN_HIGH);
  ways.mask = load_vec(own + RUN * TF_OWN_MASK), ways.flip = load_vec(own + RUN * TF_OWN_FLIP);
  ways.up = load_vec(own + RUN * TF_OWN_UP);
  // Subtracted after the shift.
  ways.rest += load_vec(own + RUN * TF_OWN_OFFSET) + (vec)_mm512_sllv_epi32((__m512i)ways.flip, (__m512i)ways.up);
  return ways;
}

/// The low 16 bits of every word, of four elements of two events within 16 bytes.
INLINE vec low_int16(vec first, vec second) {
  const vec both = (vec)_mm512_mask_mov_epi16((__m512i)first, 0xaaaaaaaau, (__m512i)shift_left(second, 16));
  return shuffle_bytes(both, _mm_setr_epi8(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15));
}

/// The same of what elements are converted by, for both events.
INLINE input_ways ways_in_int16(input_ways ways) {
  return (input_ways){.low = pack_int16(ways.low, ways.low), .high = pack_int16(ways.high, ways.high),
                      .add = low_int16(ways.add, ways.add), .right = pack_int16(ways.right, ways.right),
                      .own_low = pack_int16(ways.own_low, ways.own_low),
                      .own_high = pack_int16(ways.own_high, ways.own_high),
                      .mask = low_int16(ways.mask, ways.mask), .flip = low_int16(ways.flip, ways.flip),
                      .up = pack_int16(ways.up, ways.up), .rest = low_int16(ways.rest, ways.rest)};
}

/// Whether all that words take can be done in int16: they fit it, or nothing above it counts.
INLINE int reads_in_int16(const tf_input *input, int way) {
  if (way == READ_OTHERWISE) return 0;
  if (way == READ_WRAPS || way == READ_OWN) return input->width <= 16;
  if (input->low < INT16_MIN || input->high > INT16_MAX) return 0;
  if (way == READ_CLAMPS) return 1;
  const size_t runs = (input->count + TF_OWN_ELEMENTS - 1) / TF_OWN_ELEMENTS;
  int32_t most = 0;
  for (size_t run = 0; run < runs; run++)
    for (size_t k = 0; k < TF_OWN_ELEMENTS; k++) {
      const int32_t add = input->own[(run * TF_OWN_PARTS + TF_OWN_ADD) * TF_OWN_ELEMENTS + k];
      if (add < 0) return 0;
      most = most < add ? add : most;
    }
  return most <= INT16_MAX - input->high;
}

/// Rounded words of two events as they are stored, in int16.
INLINE vec stored_int16(vec first, vec second, const input_ways *ways, const tf_input *input, int way) {
  const int clamps = way == READ_CLAMPS || way == READ_CLAMPS_OWN, own = way == READ_OWN || way == READ_CLAMPS_OWN;
  vec16 word = (vec16)(clamps ? pack_int16(first, second) : low_int16(first, second));
  if (clamps) {
    word = __builtin_elementwise_max(word, (vec16)ways->low);
    word = __builtin_elementwise_min(word, (vec16)ways->high);
  }
  if (own) {
    word = (vec16)_mm512_srav_epi16((__m512i)(word + (vec16)ways->add), (__m512i)ways->right);
    if (input->own_clamps) {
      word = __builtin_elementwise_max(word, (vec16)ways->own_low);
      word = __builtin_elementwise_min(word, (vec16)ways->own_high);
    }
    word = (word & (vec16)ways->mask) ^ (vec16)ways->flip;
    word = (vec16)_mm512_sllv_epi16((__m512i)word, (__m512i)ways->up);
  }
  return (vec)(word - (vec16)ways->rest);
}

/// Rounded words as they are stored.
INLINE vec stored_words(vec word, const input_ways *ways, const tf_input *input, size_t first, int way) {
  if (way == READ_OTHERWISE) return (vec)own_words(in_range((words16)word, *input), input, first) - splat(input->offset);
  if (way == READ_CLAMPS || way == READ_CLAMPS_OWN) word = minimum(maximum(word, ways->low), ways->high);
  if (way == READ_OWN || way == READ_CLAMPS_OWN) {
    word = (vec)_mm512_srav_epi32((__m512i)(word + ways->add), (__m512i)ways->right);
    if (input->own_clamps) word = minimum(maximum(word, ways->own_low), ways->own_high);
    word = (word & ways->mask) ^ ways->flip;
    word = (vec)_mm512_sllv_epi32((__m512i)word, (__m512i)ways->up);
  }
  return word - ways->rest;
}

/// Sixteen events by up to sixteen numbers, to eight lanes of int16. Most inputs are of this kind: float32, truncated (or
/// rounded to nearest) and stored as int16. Returns whether all could be converted.
///
/// - Parameters:
///   - from: the first of the numbers; those of the next event are `stride` further on.
///   - some: how many there are of an event, at most sixteen. There are always sixteen events.
///   - way: what rounded words take.
///   - rounding: TF_TRN, TF_RND or TF_RND_CONV.
///   - is_short: whether that is done in int16.
INLINE int read_int16(const tf_tile *tile, const tf_input *input, const float *from, size_t stride, size_t some, size_t first,
                       size_t event, int way, int rounding, int is_short) {
  const __mmask16 columns = (__mmask16)((1u << some) - 1);
  const __m512 scale = _mm512_set1_ps(read_scale(input, rounding));
  const input_ways words = ways_of(input, first), ways = is_short ? ways_in_int16(words) : words;
  vec lowest = splat(0), lanes[8];
  __m512i pairs[8], rows[8];
  UNROLL for (int e = 0; e < 16; e += 2) {
    vec both[2];
    UNROLL for (int k = 0; k < 2; k++) {
      const __m512 number = _mm512_maskz_loadu_ps(columns, from + (size_t)(e + k) * stride);
      const __m512 value = _mm512_mul_ps(number, scale);
      both[k] = (vec)(rounding == TF_RND_CONV
                          ? _mm512_cvt_roundps_epi32(value, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
                          : _mm512_cvt_roundps_epi32(value, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC));
      // Numbers that are too large give INT32_MIN.
      lowest = minimum(lowest, both[k]);
      if (rounding == TF_RND) both[k] = shift_right(both[k] + 1, 1);
    }
    // Within 16 bytes: two lanes of the first event, then of the second.
    pairs[e / 2] = (__m512i)(is_short ? stored_int16(both[0], both[1], &ways, input, way)
                                      : low_int16(stored_words(both[0], &ways, input, first, way),
                                                  stored_words(both[1], &ways, input, first, way)));
  }
  // Four events of one lane within 16 bytes.
  UNROLL for (int q = 0; q < 4; q++) {
    const __m512 a = (__m512)pairs[2 * q], b = (__m512)pairs[2 * q + 1];
    rows[q] = (__m512i)_mm512_shuffle_ps(a, b, 0x88);
    rows[4 + q] = (__m512i)_mm512_shuffle_ps(a, b, 0xdd);
  }
  // Four lanes of four events each, transposed.
  UNROLL for (int odd = 0; odd < 2; odd++) {
    const __m512i *r = rows + 4 * odd;
    const __m512i ab = _mm512_shuffle_i32x4(r[0], r[1], 0x44), cd = _mm512_shuffle_i32x4(r[2], r[3], 0x44);
    const __m512i ef = _mm512_shuffle_i32x4(r[0], r[1], 0xee), gh = _mm512_shuffle_i32x4(r[2], r[3], 0xee);
    lanes[odd] = (vec)_mm512_shuffle_i32x4(ab, cd, 0x88), lanes[2 + odd] = (vec)_mm512_shuffle_i32x4(ab, cd, 0xdd);
    lanes[4 + odd] = (vec)_mm512_shuffle_i32x4(ef, gh, 0x88), lanes[6 + odd] = (vec)_mm512_shuffle_i32x4(ef, gh, 0xdd);
  }
  store_numbers(tile, input, lanes, first, some, event);
  return _mm512_cmpeq_epi32_mask((__m512i)lowest, _mm512_set1_epi32(INT32_MIN)) == 0;
}
#elif defined(TF_USE_AVX2)
typedef int32_t words8 __attribute__((vector_size(32)));

/// Sixteen numbers of an event as words, before overflow.
INLINE words16 whole_words(const float *from, __m256 scale, int rounding) {
  const __m256 low = _mm256_mul_ps(_mm256_loadu_ps(from), scale), high = _mm256_mul_ps(_mm256_loadu_ps(from + 8), scale);
  // Numbers that are too large give INT32_MIN.
  enum { EVEN = _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC, DOWN = _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC };
  const int to_even = rounding == TF_RND_CONV;
  const __m256 first = to_even ? _mm256_round_ps(low, EVEN) : _mm256_round_ps(low, DOWN);
  const __m256 second = to_even ? _mm256_round_ps(high, EVEN) : _mm256_round_ps(high, DOWN);
  const words8 a = (words8)_mm256_cvttps_epi32(first), b = (words8)_mm256_cvttps_epi32(second);
  return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}

/// As with AVX-512, of eight events; there are always sixteen numbers of each.
INLINE int read_eight(const tf_tile *tile, const tf_input *input, const float *from, size_t stride, size_t some, size_t first,
                      size_t event, int way, int rounding) {
  const __m256 scale = _mm256_set1_ps(read_scale(input, rounding));
  words16 lowest = {};
  __m256i rows[8];
  UNROLL for (size_t e = 0; e < 8; e++) {
    words16 word = whole_words(from + e * stride, scale, rounding);
    lowest = __builtin_elementwise_min(lowest, word);
    if (rounding == TF_RND) word = (word + 1) >> 1;
    if (way != READ_WRAPS) word = own_words(in_range(word, *input), input, first);
    rows[e] = (__m256i)__builtin_convertvector(word - input->offset, loose_shorts16);
  }
  // Eight lanes of eight events, transposed.
  __m256i pairs[8], quads[8];
  UNROLL for (int e = 0; e < 8; e += 2) {
    pairs[e] = _mm256_unpacklo_epi32(rows[e], rows[e + 1]), pairs[e + 1] = _mm256_unpackhi_epi32(rows[e], rows[e + 1]);
  }
  UNROLL for (int e = 0; e < 8; e += 4) {
    quads[e] = _mm256_unpacklo_epi64(pairs[e], pairs[e + 2]), quads[e + 1] = _mm256_unpackhi_epi64(pairs[e], pairs[e + 2]);
    quads[e + 2] = _mm256_unpacklo_epi64(pairs[e + 1], pairs[e + 3]);
    quads[e + 3] = _mm256_unpackhi_epi64(pairs[e + 1], pairs[e + 3]);
  }
  vec lanes[8];
  UNROLL for (int k = 0; k < 4; k++) {
    lanes[k] = (vec)_mm256_permute2x128_si256(quads[k], quads[k + 4], 0x20);
    lanes[k + 4] = (vec)_mm256_permute2x128_si256(quads[k], quads[k + 4], 0x31);
  }
  store_numbers(tile, input, lanes, first, some, event);
  return !__builtin_reduce_or(lowest == INT32_MIN);
}

INLINE int read_int16(const tf_tile *tile, const tf_input *input, const float *from, size_t stride, size_t some, size_t first,
                      size_t event, int way, int rounding, int is_short) {
  (void)is_short;
  int good = 1;
  // One copy of the code for both.
  _Pragma("clang loop unroll(disable)") for (size_t e = 0; e < 16; e += 8)
    good &= read_eight(tile, input, from + e * stride, stride, some, first, event + e, way, rounding);
  return good;
}
#endif

#if defined(TF_USE_AVX512) || defined(TF_USE_AVX2)
#define TF_READS_INT16
/// Whether read_int16 can read less than sixteen numbers of an event.
#if defined(TF_USE_AVX512)
enum { READS_SOME = 1 };
#else
enum { READS_SOME = 0 };
#endif

/// Up to sixteen numbers, and zeros behind them.
INLINE void copy_some(float *to, const float *from, size_t some) {
#if defined(TF_USE_AVX512)
  _mm512_storeu_ps(to, some ? _mm512_maskz_loadu_ps((__mmask16)((1u << some) - 1), from) : _mm512_setzero_ps());
#else
  const words8 number = {0, 1, 2, 3, 4, 5, 6, 7};
  const __m256 none = _mm256_setzero_ps();
  _mm256_storeu_ps(to, some ? _mm256_maskload_ps(from, (__m256i)(number < (int32_t)some)) : none);
  _mm256_storeu_ps(to + 8, some > 8 ? _mm256_maskload_ps(from + 8, (__m256i)(number + 8 < (int32_t)some)) : none);
#endif
}

/// read_input by read_int16.
INLINE int read_all_int16(const tf_tile *tile, const tf_input *input, const float *from, int way, int rounding, int is_short) {
  enum { BLOCK = 16 };
  const size_t count = input->count;
  int good = 1;
  for (size_t event = 0; event < tile->events; event += BLOCK, from += BLOCK * count) {
    const size_t left = tile->valid > event ? tile->valid - event : 0, valid = left < BLOCK ? left : BLOCK;
    for (size_t first = 0; first < count; first += BLOCK) {
      const size_t some = count - first < BLOCK ? count - first : BLOCK;
      const float *numbers = from + first;
      size_t stride = count;
      float copy[BLOCK * BLOCK];
      // Beyond the last event there may be no memory: even loads of nothing from there are slow.
      if (valid < BLOCK || (some < BLOCK && !READS_SOME)) {
        for (size_t e = 0; e < BLOCK; e++) copy_some(copy + e * BLOCK, numbers + e * count, e < valid ? some : 0);
        numbers = copy, stride = BLOCK;
      }
      // Sixteen are stored without conditions.
      good &= some == BLOCK ? read_int16(tile, input, numbers, stride, BLOCK, first, event, way, rounding, is_short)
                            : read_int16(tile, input, numbers, stride, some, first, event, way, rounding, is_short);
    }
  }
  return good;
}

// Compiled once for everything that is the same for all of an input.
#define READ_BY(WAY, ROUNDING, IS_SHORT)                                                                   \
  if (way == (WAY) && rounding == (ROUNDING) && is_short == (IS_SHORT))                                    \
    return read_all_int16(tile, input, from, WAY, ROUNDING, IS_SHORT);
#define READ_ROUNDED(WAY, IS_SHORT)                                                                        \
  READ_BY(WAY, TF_TRN, IS_SHORT) READ_BY(WAY, TF_RND, IS_SHORT) READ_BY(WAY, TF_RND_CONV, IS_SHORT)

/// Most inputs are truncated, and few need more than to be stored.
ALIGNED_STACK int read_by_way(const tf_tile *tile, const tf_input *input, const float *from) {
  const int way = way_of_reading(input), rounding = input->rounding;
#if defined(TF_USE_AVX512)
  const int is_short = reads_in_int16(input, way);
  READ_ROUNDED(READ_WRAPS, 1)
  READ_ROUNDED(READ_CLAMPS, 1)
  READ_ROUNDED(READ_OWN, 1)
  READ_ROUNDED(READ_CLAMPS_OWN, 1)
#else
  const int is_short = 0;
  READ_ROUNDED(READ_WRAPS, 0)
#endif
  READ_ROUNDED(READ_CLAMPS, 0)
  READ_ROUNDED(READ_OWN, 0)
  READ_ROUNDED(READ_CLAMPS_OWN, 0)
  READ_ROUNDED(READ_OTHERWISE, 0)
  return 0;
}
#undef READ_BY
#undef READ_ROUNDED
#endif

/// Takes an event's int16 apart: lanes of low bytes and of digits above them, in place. Returns how many.
INLINE size_t split_words(const tf_input *input, int32_t *words, size_t count) {
  int32_t lanes[2 * TF_SPLIT_LANES];
  const size_t low = (count + 3) / 4;
  const int bits = input->high_bits, mask = digit_mask(bits);
  size_t total = low;
  // The last number may be alone in its two lanes.
  if (count % 4 == 1 || count % 4 == 2) words[2 * low - 1] = 0;
  for (size_t k = 0; k < low; k++) {
    const int32_t a = words[2 * k], b = words[2 * k + 1];
    const size_t high = input->high_lanes[k];
    lanes[k] = (int32_t)((uint32_t)(a & 0x00ff00ff) | (uint32_t)(b & 0x00ff00ff) << 8);
    if (!high) continue;
    const uint32_t digits = (uint32_t)(a >> bits & mask) | (uint32_t)(b >> bits & mask) << 8;
    const int copied = input->high_copies[k];
    lanes[high] = (int32_t)(copied < 4 ? (digits >> 8 * copied & 0xff) * 0x01010101u : digits);
    total++;
  }
  for (size_t k = 0; k < total; k++) words[k] = lanes[k];
  return total;
}

/// Scratch: READ_EVENTS events, in lanes, rounded up to four lanes, and a vector.
ALIGNED_STACK int read_input(const tf_tile *tile, const tf_input *input, int element, const void *source) {
  const size_t count = input->count;
  const size_t packing = input->high_bits ? 2 : input->storage == TF_U8 ? 4 : input->storage == TF_S16 ? 2 : 1;
  size_t lanes = (count + packing - 1) / packing;
  const size_t stride = (lanes + 3) / 4 * 4;
  const size_t size = element == TF_FLOAT32 ? 4 : 8;
  int32_t *words = (int32_t *)tile->scratch;
  int good = 1;
#if defined(TF_READS_INT16)
  const int rounds = input->rounding == TF_TRN || input->rounding == TF_RND || input->rounding == TF_RND_CONV;
  if (element == TF_FLOAT32 && (input->storage == TF_S16 || input->high_bits) && rounds)
    return read_by_way(tile, input, source);
#endif
  for (size_t event = 0; event < tile->events; event += READ_EVENTS) {
    const size_t left = tile->valid > event ? tile->valid - event : 0;
    const size_t some = left < READ_EVENTS ? left : READ_EVENTS;
    // Events that fill their lanes are converted in one go.
    const size_t at_once = stride * packing == count && !input->own ? some : 1;
    for (size_t first = 0; first < some; first += at_once) {
      const void *from = (const uint8_t *)source + (event + first) * count * size;
      void *to = words + first * stride;
      switch (element) {
      case TF_FLOAT32: good &= convert_floats(*input, from, to, at_once * count); break;
      case TF_FLOAT64: good &= convert_doubles(*input, from, to, at_once * count); break;
      default: good &= convert_longs(*input, from, to, at_once * count);
      }
    }
    if (input->high_bits) for (size_t e = 0; e < some; e++) lanes = split_words(input, words + e * stride, count);
    for (size_t first = 0; first < lanes; first += 4)
      transpose_lanes(tile, words + first, stride, input->lane + first, lanes - first < 4 ? lanes - first : 4, event);
  }
  return good;
}
