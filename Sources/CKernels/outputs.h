// Stored words to numbers. Part of words.h.

// Results leave event by event. Four rows of numbers at a time, ROW numbers from one to the next, are transposed to events of
// COUNT numbers, from EVENT on while there are four: the rest are copied one by one.
#define TRANSPOSE_FOUR(QUAD, TYPE, FROM, ROW, TO, COUNT, EVENT, EVENTS_LEFT)                               \
  for (; EVENT + 4 <= EVENTS_LEFT; EVENT += 4) {                                                           \
    const TYPE *rows = (const TYPE *)(FROM) + EVENT;                                                       \
    const QUAD a = *(const QUAD *)rows, b = *(const QUAD *)(rows + ROW);                                   \
    const QUAD c = *(const QUAD *)(rows + 2 * ROW), d = *(const QUAD *)(rows + 3 * ROW);                   \
    const QUAD ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5); \
    const QUAD ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7); \
    TYPE *event_of_four = (TYPE *)(TO) + EVENT * COUNT;                                                    \
    *(QUAD *)event_of_four = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);                                  \
    *(QUAD *)(event_of_four + COUNT) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);                        \
    *(QUAD *)(event_of_four + 2 * COUNT) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);                    \
    *(QUAD *)(event_of_four + 3 * COUNT) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);                    \
  }
// Writes SOME results from FIRST on as numbers of a type, VALUE of each word WORDS[I]; DONE: the events that were transposed
// otherwise.
#define WRITE_AS(QUAD, TYPE, TILE, OUTPUT, N, FIRST, SOME, WORDS, I, VALUE, NUMBERS, ROW, TO, DONE)           \
  {                                                                                                        \
    const size_t count = (OUTPUT)->count;                                                                  \
    for (size_t k = 0; k < SOME; k++) {                                                                    \
      F(load)(TILE, &(OUTPUT)->rows[FIRST + k], WORDS);                                                    \
      TYPE *number = (TYPE *)NUMBERS + k * ROW;                                                            \
      EVENTS(I, N) number[I] = (TYPE)(VALUE);                                          \
    }                                                                                                      \
    size_t event = 0;                                                                                      \
    if (SOME == 4) event = DONE;                                                                           \
    if (SOME == 4) TRANSPOSE_FOUR(QUAD, TYPE, NUMBERS, ROW, (TYPE *)TO + FIRST, count, event, (TILE)->valid) \
    for (; event < (TILE)->valid; event++)                                                                 \
      for (size_t k = 0; k < SOME; k++)                                                                    \
        ((TYPE *)TO)[event * count + FIRST + k] = ((const TYPE *)NUMBERS)[k * ROW + event];                \
  }

/// Scratch: a row of words and four rows of numbers.
static void F(write_block)(const tf_tile *tile, const tf_output *output, int element, void *target) {
  const size_t n = whole(tile->events), count = output->count, row = n + TF_ROW_GAP;
  W *words = SCRATCH(tile, 0);
  void *numbers = SCRATCH(tile, 1);
  for (size_t begin = 0; begin < count; begin += 4) {
    // The last four may overlap the four before.
    const int overlaps = begin + 4 > count && count > 4;
    const size_t first = overlaps ? count - 4 : begin, some = count - first < 4 ? count - first : 4;
    if (element == TF_FLOAT64) {
      WRITE_AS(double_quad, double, tile, output, n, first, some, words, i, (double)words[i] * output->scale, numbers, row,
               target, 0)
#if WIDTH == 32
    } else if (element == TF_FLOAT32 && output->scale > 0x1p-90) {
      // Rounded once, as from float64: scaling changes no digit.
      const float scale = (float)output->scale;
      float *to = (float *)target + first;
      WRITE_AS(float_quad, float, tile, output, n, first, some, words, i, (float)words[i] * scale, numbers, row, target,
               transpose_floats(numbers, row, to, count, tile->valid))
#endif
    } else if (element == TF_FLOAT32) {
      WRITE_AS(float_quad, float, tile, output, n, first, some, words, i, (double)words[i] * output->scale, numbers, row,
               target, 0)
    } else {
      WRITE_AS(long_quad, int64_t, tile, output, n, first, some, words, i, words[i], numbers, row, target, 0)
    }
  }
}

#if WIDTH == 32 && defined(TF_USE_AVX512)
/// The words of sixteen events.
INLINE __m512i words_of(const tf_tile *tile, const tf_row *row, size_t event) {
  if (row->storage == TF_CONSTANT) return _mm512_set1_epi32(F(word)(tile->constants[row->lane]));
  const size_t lane = event / TF_BLOCK * tile->lanes + row->lane;
  __m512i words = _mm512_loadu_si512(tile->arena + (lane * TF_BLOCK + event % TF_BLOCK) * 4);
  const int bits = row->storage == TF_U8 ? 8 : row->storage == TF_S16 ? 16 : 32;
  if (bits < 32) {
    words = _mm512_sllv_epi32(words, _mm512_set1_epi32(32 - bits - bits * row->position));
    const __m512i down = _mm512_set1_epi32(32 - bits);
    words = bits == 8 ? _mm512_srlv_epi32(words, down) : _mm512_srav_epi32(words, down);
  }
  if (row->shift) words = _mm512_sllv_epi32(words, _mm512_set1_epi32(row->shift));
  return row->offset ? _mm512_add_epi32(words, _mm512_set1_epi32(row->offset)) : words;
}

/// The most results whose events are put together in registers.
enum { FEW_RESULTS = 8 };

/// Few results as float32: a vector of numbers takes from every row what belongs to it.
INLINE void write_some(const tf_tile *tile, const tf_output *output, float *to, const int count) {
  // By vector and row, for all rows but the first: which of the numbers so far (0 to 15), or of the row's (16 to 31).
  __m512i places[FEW_RESULTS][FEW_RESULTS];
  UNROLL for (int k = 0; k < count; k++) {
    const __m512i here = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const __m512i place = _mm512_add_epi32(here, _mm512_set1_epi32(16 * k));
    // place / count, exact for so few places.
    const __m512i event = _mm512_srli_epi32(_mm512_mullo_epi32(place, _mm512_set1_epi32(65536 / count + 1)), 16);
    const __m512i result = _mm512_sub_epi32(place, _mm512_mullo_epi32(event, _mm512_set1_epi32(count)));
    const __m512i there = _mm512_add_epi32(event, _mm512_set1_epi32(16));
    UNROLL for (int r = 1; r < count; r++) {
      const __m512i others = r == 1 ? event : here;
      places[k][r] = _mm512_mask_mov_epi32(others, _mm512_cmpeq_epi32_mask(result, _mm512_set1_epi32(r)), there);
    }
  }
  const __m512 scale = _mm512_set1_ps((float)output->scale);
  for (size_t event = 0; event < tile->valid; event += 16, to += 16 * count) {
    __m512 rows[FEW_RESULTS];
    UNROLL for (int r = 0; r < count; r++)
      rows[r] = _mm512_mul_ps(_mm512_cvtepi32_ps(words_of(tile, &output->rows[r], event)), scale);
    const size_t left = (tile->valid - event) * (size_t)count;
    UNROLL for (int k = 0; k < count; k++) {
      __m512 numbers = rows[0];
      UNROLL for (int r = 1; r < count; r++) numbers = _mm512_permutex2var_ps(numbers, places[k][r], rows[r]);
      __builtin_prefetch(to + TF_BLOCK * count + 16 * k, 1);
      const size_t some = left <= 16 * (size_t)k ? 0 : left - 16 * (size_t)k;
      if (some < 16) _mm512_mask_storeu_ps(to + 16 * k, (__mmask16)((1u << some) - 1), numbers);
      else _mm512_storeu_ps(to + 16 * k, numbers);
    }
  }
}

/// Transposes sixteen rows of sixteen numbers.
INLINE void transpose_square(__m512 rows[16]) {
  __m512 pairs[16], quads[16], halves[16];
  UNROLL for (int k = 0; k < 16; k += 2) {
    pairs[k] = _mm512_unpacklo_ps(rows[k], rows[k + 1]), pairs[k + 1] = _mm512_unpackhi_ps(rows[k], rows[k + 1]);
  }
  // Within 16 bytes: number 4 · i + j of rows k to k + 3, in quads[k + j].
  UNROLL for (int k = 0; k < 16; k += 4) {
    const __m512d a = (__m512d)pairs[k], b = (__m512d)pairs[k + 1], c = (__m512d)pairs[k + 2], d = (__m512d)pairs[k + 3];
    quads[k] = (__m512)_mm512_unpacklo_pd(a, c), quads[k + 1] = (__m512)_mm512_unpackhi_pd(a, c);
    quads[k + 2] = (__m512)_mm512_unpacklo_pd(b, d), quads[k + 3] = (__m512)_mm512_unpackhi_pd(b, d);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    halves[j] = _mm512_shuffle_f32x4(quads[j], quads[4 + j], 0x44);
    halves[4 + j] = _mm512_shuffle_f32x4(quads[j], quads[4 + j], 0xee);
    halves[8 + j] = _mm512_shuffle_f32x4(quads[8 + j], quads[12 + j], 0x44);
    halves[12 + j] = _mm512_shuffle_f32x4(quads[8 + j], quads[12 + j], 0xee);
  }
  UNROLL for (int j = 0; j < 4; j++) {
    rows[j] = _mm512_shuffle_f32x4(halves[j], halves[8 + j], 0x88);
    rows[4 + j] = _mm512_shuffle_f32x4(halves[j], halves[8 + j], 0xdd);
    rows[8 + j] = _mm512_shuffle_f32x4(halves[4 + j], halves[12 + j], 0x88);
    rows[12 + j] = _mm512_shuffle_f32x4(halves[4 + j], halves[12 + j], 0xdd);
  }
}

/// More results than that as float32: sixteen of sixteen events at a time.
static void write_squares(const tf_tile *tile, const tf_output *output, float *to) {
  const __m512 scale = _mm512_set1_ps((float)output->scale);
  const size_t count = output->count;
  for (size_t event = 0; event < tile->valid; event += 16, to += 16 * count) {
    const size_t left = tile->valid - event, events = left < 16 ? left : 16;
    for (size_t first = 0; first < count; first += 16) {
      const size_t some = count - first < 16 ? count - first : 16;
      const __mmask16 columns = (__mmask16)((1u << some) - 1);
      __m512 rows[16];
      UNROLL for (size_t k = 0; k < 16; k++) {
        rows[k] = scale;
        if (k < some) rows[k] = _mm512_mul_ps(_mm512_cvtepi32_ps(words_of(tile, &output->rows[first + k], event)), scale);
      }
      transpose_square(rows);
      UNROLL for (size_t e = 0; e < 16; e++) {
        __builtin_prefetch(to + (16 + e) * count + first, 1);
        if (e < events) _mm512_mask_storeu_ps(to + e * count + first, columns, rows[e]);
      }
    }
  }
}

static void write_few(const tf_tile *tile, const tf_output *output, float *to) {
  switch (output->count) {
  case 1: write_some(tile, output, to, 1); break;
  case 2: write_some(tile, output, to, 2); break;
  case 3: write_some(tile, output, to, 3); break;
  case 4: write_some(tile, output, to, 4); break;
  case 5: write_some(tile, output, to, 5); break;
  case 6: write_some(tile, output, to, 6); break;
  case 7: write_some(tile, output, to, 7); break;
  default: write_some(tile, output, to, 8);
  }
}
#endif

/// A block of events at a time, so that their results are still in the first-level cache when the next four follow.
static void F(write)(const tf_tile *tile, const tf_output *output, int element, void *target) {
  const size_t size = element == TF_FLOAT32 ? 4 : 8;
#if WIDTH == 32 && defined(TF_USE_AVX512)
  int is_plain = element == TF_FLOAT32 && output->scale > 0x1p-90;
  for (size_t k = 0; is_plain && k < output->count; k++)
    is_plain = output->rows[k].storage <= TF_S32 || output->rows[k].storage == TF_CONSTANT;
  if (is_plain) {
    (output->count <= FEW_RESULTS ? write_few : write_squares)(tile, output, target);
    return;
  }
#endif
  for (size_t start = 0; start < tile->valid; start += TF_BLOCK) {
    const tf_tile block = F(part_of)(tile, start, TF_BLOCK);
    const size_t room = TF_BLOCK * output->count * size;
    uint8_t *to = (uint8_t *)target + start / TF_BLOCK * room;
    // The next block's room is fetched meanwhile.
    if (start + TF_BLOCK < tile->valid)
      for (size_t at = 0; at < room; at += 64) __builtin_prefetch(to + room + at, 1);
    F(write_block)(&block, output, element, to);
  }
}

#undef WRITE_AS
#undef TRANSPOSE_FOUR
