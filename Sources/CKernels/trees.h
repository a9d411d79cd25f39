// Trees of comparisons, as hardware computes them: a bit for every comparison and every multiplexer, but of many events at once.
// docs/trees.md, "The emulator", says how trees become bits.
#pragma once

#include "lanes.h"

enum {
  /// Events in a word of a plane.
  TREE_WORD = 64,
  /// Words of a plane: 512 events, a vector of AVX-512. What is left of a tile is computed a word at a time.
  TREE_WORDS = 8,
};

/// A bit of every event.
typedef uint64_t tree_plane;
/// Half of a plane's word.
typedef uint32_t __attribute__((may_alias)) tree_half;

// The words of a plane are computed together; WORDS is a constant wherever these are called from.
#define PLANE(PLANES, INDEX) ((PLANES) + (size_t)(INDEX) * words)
#define FOR_WORDS(I) _Pragma("clang loop unroll(full)") for (size_t I = 0; I < words; I++)

// MARK: Comparisons

/// 64 answers to x < bound, or x = bound where IS_EQUAL, a constant, says so.
INLINE tree_plane answers_int16(const int16_t *x, int16_t bound, const int is_equal) {
#if defined(TF_USE_AVX512)
  const __m512i b = _mm512_set1_epi16(bound);
  const __m512i first = _mm512_loadu_si512(x), second = _mm512_loadu_si512(x + 32);
  if (is_equal)
    return _mm512_cmpeq_epi16_mask(first, b) | (tree_plane)_mm512_cmpeq_epi16_mask(second, b) << 32;
  return _mm512_cmplt_epi16_mask(first, b) | (tree_plane)_mm512_cmplt_epi16_mask(second, b) << 32;
#elif defined(TF_USE_AVX2)
  tree_plane plane = 0;
  const __m256i b = _mm256_set1_epi16(bound);
  UNROLL for (int i = 0; i < 2; i++) {
    const __m256i *from = (const __m256i *)(x + 32 * i);
    const __m256i x1 = _mm256_loadu_si256(from), x2 = _mm256_loadu_si256(from + 1);
    const __m256i first = is_equal ? _mm256_cmpeq_epi16(b, x1) : _mm256_cmpgt_epi16(b, x1);
    const __m256i second = is_equal ? _mm256_cmpeq_epi16(b, x2) : _mm256_cmpgt_epi16(b, x2);
    const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(first, second), 0xd8);
    plane |= (tree_plane)(uint32_t)_mm256_movemask_epi8(both) << (32 * i);
  }
  return plane;
#elif defined(TF_USE_SSE2)
  tree_plane plane = 0;
  const __m128i b = _mm_set1_epi16(bound);
  UNROLL for (int i = 0; i < 4; i++) {
    const __m128i *from = (const __m128i *)(x + 16 * i);
    const __m128i x1 = _mm_loadu_si128(from), x2 = _mm_loadu_si128(from + 1);
    const __m128i first = is_equal ? _mm_cmpeq_epi16(x1, b) : _mm_cmplt_epi16(x1, b);
    const __m128i second = is_equal ? _mm_cmpeq_epi16(x2, b) : _mm_cmplt_epi16(x2, b);
    plane |= (tree_plane)(uint32_t)_mm_movemask_epi8(_mm_packs_epi16(first, second)) << (16 * i);
  }
  return plane;
#else
  typedef int16_t eight __attribute__((vector_size(16)));
  typedef int16_t loose_eight __attribute__((vector_size(16), aligned(2), may_alias));
  tree_plane plane = 0;
  for (int i = 0; i < 8; i++) {
    const eight some = *(const loose_eight *)(x + 8 * i), b = (eight){} + bound;
    const eight yes = (is_equal ? some == b : some < b) & (eight){1, 2, 4, 8, 16, 32, 64, 128};
    plane |= (tree_plane)(uint16_t)__builtin_reduce_or(yes) << (8 * i);
  }
  return plane;
#endif
}

INLINE tree_plane answers_int32(const int32_t *x, int32_t bound, const int is_equal) {
  tree_plane plane = 0;
#if defined(TF_USE_AVX512)
  const __m512i b = _mm512_set1_epi32(bound);
  UNROLL for (int i = 0; i < 4; i++) {
    const __m512i some = _mm512_loadu_si512(x + 16 * i);
    plane |= (tree_plane)(is_equal ? _mm512_cmpeq_epi32_mask(some, b) : _mm512_cmplt_epi32_mask(some, b)) << (16 * i);
  }
#else
  typedef int32_t four __attribute__((vector_size(16)));
  typedef int32_t loose_four __attribute__((vector_size(16), aligned(4), may_alias));
  for (int i = 0; i < 16; i++) {
    const four some = *(const loose_four *)(x + 4 * i), b = (four){} + bound;
    const four yes = (is_equal ? some == b : some < b) & (four){1, 2, 4, 8};
    plane |= (tree_plane)(uint32_t)__builtin_reduce_or(yes) << (4 * i);
  }
#endif
  return plane;
}

// MARK: Tables

/// The entries that 64 events choose, one event after the other, added to their sums.
INLINE void add_entries(const tf_tree_table *table, const tree_plane *planes, size_t words, size_t word, int32_t *sums) {
  typedef uint16_t sixteen __attribute__((vector_size(32)));
  const sixteen bit = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  for (int part = 0; part < TREE_WORD / 16; part++) {
    sixteen at = {};
    for (size_t k = 0; k < table->bits; k++) {
      const uint16_t some = (uint16_t)(PLANE(planes, table->planes[k])[word] >> (16 * part));
      at |= (sixteen)((((sixteen){} + some) & bit) != 0) & ((sixteen){} + (uint16_t)(1u << k));
    }
    int32_t *sum = sums + 16 * part;
    if (table->narrow) UNROLL for (int i = 0; i < 16; i++) sum[i] += table->narrow[at[i]];
    else UNROLL for (int i = 0; i < 16; i++) sum[i] += table->wide[at[i]];
  }
}

#if defined(TF_USE_AVX512)
/// The entries of a table of int16 that 32 events choose. BITS is a constant.
INLINE __m512i tree_entries(const tf_tree_table *table, const tree_plane *planes, size_t words, size_t half, const size_t bits) {
  const __m512i *entries = (const __m512i *)table->narrow;
#define TREE_MASK(K) (((const tree_half *)PLANE(planes, table->planes[K]))[half])
  __m512i at = _mm512_setzero_si512();
  UNROLL for (size_t k = 0; k < (bits < 6 ? bits : 6); k++)
    at = _mm512_mask_add_epi16(at, TREE_MASK(k), at, _mm512_set1_epi16((int16_t)(1 << k)));
  if (bits < 6) return _mm512_permutexvar_epi16(at, _mm512_loadu_si512(entries));
  __m512i found[4];
  UNROLL for (size_t i = 0; i < (size_t)1 << (bits - 6); i++)
    found[i] = _mm512_permutex2var_epi16(_mm512_loadu_si512(entries + 2 * i), at, _mm512_loadu_si512(entries + 2 * i + 1));
  if (bits == 6) return found[0];
  const __mmask32 seventh = TREE_MASK(6);
  const __m512i low = _mm512_mask_blend_epi16(seventh, found[0], found[1]);
  if (bits == 7) return low;
  return _mm512_mask_blend_epi16(TREE_MASK(7), low, _mm512_mask_blend_epi16(seventh, found[2], found[3]));
#undef TREE_MASK
}

/// Adds to the sums of 32 events: first stand those of even number, then those of odd number.
INLINE void add_narrow(const tf_trees *trees, const tf_tree_batch *batch, const tree_plane *planes, size_t words, size_t half,
                       int32_t *sums, size_t stride) {
  const tf_tree_table *table = trees->tables + batch->first_table, *end = table + batch->tables;
  while (table < end) {
    const uint32_t output = table->output;
    int32_t *sum = sums + output * stride;
    __m512i even = _mm512_loadu_si512(sum), odd = _mm512_loadu_si512(sum + 16);
    for (; table < end && table->output == output; table++) {
      __m512i found;
      switch (table->bits) {
      case 8: found = tree_entries(table, planes, words, half, 8); break;
      case 7: found = tree_entries(table, planes, words, half, 7); break;
      case 6: found = tree_entries(table, planes, words, half, 6); break;
      case 5: found = tree_entries(table, planes, words, half, 5); break;
      case 4: found = tree_entries(table, planes, words, half, 4); break;
      case 3: found = tree_entries(table, planes, words, half, 3); break;
      case 2: found = tree_entries(table, planes, words, half, 2); break;
      default: found = tree_entries(table, planes, words, half, 1);
      }
      even = (__m512i)dot_int16((vec)even, (vec)found, splat(1));
      odd = (__m512i)dot_int16((vec)odd, (vec)found, splat(1 << 16));
    }
    _mm512_storeu_si512(sum, even);
    _mm512_storeu_si512(sum + 16, odd);
  }
}
#endif

// MARK: All of it

INLINE void add_tables(const tf_trees *trees, const tf_tree_batch *batch, const tree_plane *planes, const size_t words,
                       int32_t *sums, size_t stride) {
#if defined(TF_USE_AVX512)
  if (trees->is_short) {
    for (size_t half = 0; half < 2 * words; half++)
      add_narrow(trees, batch, planes, words, half, sums + 32 * half, stride);
    return;
  }
#endif
  for (size_t t = 0; t < batch->tables; t++) {
    const tf_tree_table *table = trees->tables + batch->first_table + t;
    for (size_t word = 0; word < words; word++)
      add_entries(table, planes, words, word, sums + table->output * stride + TREE_WORD * word);
  }
}

/// The sums of words · 64 events. `x` and `sums` have rows of `stride` events.
#define TREES_OF(NAME, W, ANSWERS)                                                                           \
  INLINE void NAME(const tf_trees *trees, const W *x, size_t stride, int32_t *sums, tree_plane *planes, const size_t words) { \
    FOR_WORDS(i) PLANE(planes, TF_TREE_NO)[i] = 0, PLANE(planes, TF_TREE_YES)[i] = ~(tree_plane)0;         \
    tree_plane *to = PLANE(planes, TF_TREE_FIRST);                                                         \
    for (size_t q = 0; q < trees->question_count; q++, to += words) {                                      \
      const W *seen = x + trees->questions[q].feature * stride;                                            \
      const W bound = (W)trees->questions[q].bound;                                                        \
      if (q < trees->below_count) FOR_WORDS(i) to[i] = ANSWERS(seen + TREE_WORD * i, bound, 0);            \
      else FOR_WORDS(i) to[i] = ANSWERS(seen + TREE_WORD * i, bound, 1);                                   \
    }                                                                                                      \
    for (const tf_tree_batch *batch = trees->batches; batch < trees->batches + trees->batch_count; batch++) { \
      tree_plane *chosen = to;                                                                             \
      const tf_tree_mux *mux = trees->muxes + batch->first_mux, *end = mux + batch->muxes;                 \
      for (; mux < end; mux++, chosen += words) {                                                          \
        const tree_plane *answer = PLANE(planes, mux->question);                                           \
        const tree_plane *yes = PLANE(planes, mux->yes), *no = PLANE(planes, mux->no);                     \
        tree_plane some[TREE_WORDS];                                                                       \
        FOR_WORDS(i) some[i] = (answer[i] & yes[i]) | (~answer[i] & no[i]);                                \
        FOR_WORDS(i) chosen[i] = some[i];                                                                  \
      }                                                                                                    \
      add_tables(trees, batch, planes, words, sums, stride);                                               \
    }                                                                                                      \
  }

TREES_OF(trees_int16, int16_t, answers_int16)
TREES_OF(trees_int32, int32_t, answers_int32)

#define RUN_TREES(W, X)                                                                                    \
  {                                                                                                        \
    size_t start = 0;                                                                                      \
    for (; start + TREE_WORDS * TREE_WORD <= n; start += TREE_WORDS * TREE_WORD)                           \
      trees_##W(trees, (X) + start, n, sums + start, planes, TREE_WORDS);                                  \
    for (; start < n; start += TREE_WORD) trees_##W(trees, (X) + start, n, sums + start, planes, 1);       \
  }

static void trees(const tf_tile *tile, const tf_trees *trees) {
  const size_t n = whole(tile->events);
  // Scratch: a row as 32-bit words, the sums, the features, then the planes.
  int32_t *row = (int32_t *)tile->scratch, *sums = row + n;
  int32_t *wide = sums + trees->outputs * n;
  int16_t *narrow = (int16_t *)wide;
  tree_plane *planes = (tree_plane *)(wide + trees->features * n);
  for (size_t output = 0; output < trees->outputs; output++) {
    const int32_t start = trees->starts[output];
    for (size_t i = 0; i < n; i++) sums[output * n + i] = start;
  }
  for (size_t feature = 0; feature < trees->features; feature++) {
    if (!trees->is_narrow) {
      load_32(tile, trees->x + feature, wide + feature * n);
      continue;
    }
    load_32(tile, trees->x + feature, row);
    for (size_t i = 0; i < n; i++) narrow[feature * n + i] = (int16_t)row[i];
  }
  if (trees->is_narrow) RUN_TREES(int16, narrow)
  else RUN_TREES(int32, wide)
  for (size_t output = 0; output < trees->outputs; output++) {
    int32_t *sum = sums + output * n;
#if defined(TF_USE_AVX512)
    if (trees->is_short) {
      const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      const __m512i last = _mm512_add_epi32(first, _mm512_set1_epi32(8));
      for (size_t i = 0; i < n; i += 32) {
        const __m512i even = _mm512_loadu_si512(sum + i), odd = _mm512_loadu_si512(sum + i + 16);
        _mm512_storeu_si512(sum + i, _mm512_permutex2var_epi32(even, first, odd));
        _mm512_storeu_si512(sum + i + 16, _mm512_permutex2var_epi32(even, last, odd));
      }
    }
#endif
    const int lost = trees->wrap_shift;
    if (lost && trees->wrap_signed)
      for (size_t i = 0; i < n; i++) sum[i] = (int32_t)((uint32_t)sum[i] << lost) >> lost;
    else if (lost)
      for (size_t i = 0; i < n; i++) sum[i] = (int32_t)((uint32_t)sum[i] << lost >> lost);
    store_32(tile, trees->out + output, sum);
  }
}

#undef PLANE
#undef FOR_WORDS
#undef TREES_OF
#undef RUN_TREES
