// Stored words to numbers. Part of words.h.

// Results leave event by event: four rows of numbers are turned at a time, fewer are copied one by one.
#define TURN_BACK(QUAD, TYPE)                                                                              \
  for (; event + 4 <= tile->valid; event += 4) {                                                           \
    const TYPE *from = (const TYPE *)numbers + event;                                                      \
    const QUAD a = *(const QUAD *)from, b = *(const QUAD *)(from + row);                                   \
    const QUAD c = *(const QUAD *)(from + 2 * row), d = *(const QUAD *)(from + 3 * row);                   \
    const QUAD ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5); \
    const QUAD ef = __builtin_shufflevector(a, b, 2, 6, 3, 7), gh = __builtin_shufflevector(c, d, 2, 6, 3, 7); \
    TYPE *to = (TYPE *)target + event * count + first;                                                     \
    *(QUAD *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);                                             \
    *(QUAD *)(to + count) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);                                   \
    *(QUAD *)(to + 2 * count) = __builtin_shufflevector(ef, gh, 0, 1, 4, 5);                               \
    *(QUAD *)(to + 3 * count) = __builtin_shufflevector(ef, gh, 2, 3, 6, 7);                               \
  }
#define WRITE(QUAD, TYPE, TURNED, VALUE)                                                                   \
  {                                                                                                        \
    for (size_t k = 0; k < some; k++) {                                                                    \
      F(load)(tile, &output->rows[first + k], words);                                                      \
      TYPE *number = (TYPE *)numbers + k * row;                                                            \
      EVENTS number[i] = (TYPE)(VALUE);                                                                    \
    }                                                                                                      \
    size_t event = 0;                                                                                      \
    if (some == 4) event = TURNED;                                                                         \
    if (some == 4) TURN_BACK(QUAD, TYPE)                                                                   \
    for (; event < tile->valid; event++)                                                                   \
      for (size_t k = 0; k < some; k++)                                                                    \
        ((TYPE *)target)[event * count + first + k] = ((const TYPE *)numbers)[k * row + event];            \
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
      WRITE(double_quad, double, 0, (double)words[i] * output->scale)
#if WIDTH == 32
    } else if (element == TF_FLOAT32 && output->scale > 0x1p-90) {
      // Rounded once, as from float64: scaling changes no digit.
      const float scale = (float)output->scale;
      float *to = (float *)target + first;
      WRITE(float_quad, float, turn_floats(numbers, row, to, count, tile->valid), (float)words[i] * scale)
#endif
    } else if (element == TF_FLOAT32) {
      WRITE(float_quad, float, 0, (double)words[i] * output->scale)
    } else {
      WRITE(long_quad, int64_t, 0, words[i])
    }
  }
}

/// A block of events at a time, so that their results are still in the first-level cache when the next four follow.
static void F(write)(const tf_tile *tile, const tf_output *output, int element, void *target) {
  const size_t size = element == TF_FLOAT32 ? 4 : 8;
  for (size_t start = 0; start < tile->valid; start += TF_BLOCK) {
    const tf_tile block = F(block_of)(tile, start);
    const size_t room = TF_BLOCK * output->count * size;
    uint8_t *to = (uint8_t *)target + start / TF_BLOCK * room;
    // The next block's room is fetched meanwhile.
    if (start + TF_BLOCK < tile->valid)
      for (size_t at = 0; at < room; at += 64) __builtin_prefetch(to + room + at, 1);
    F(write_block)(&block, output, element, to);
  }
}

#undef WRITE
#undef TURN_BACK
