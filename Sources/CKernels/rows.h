// Rows of words: from and to the arena, and conversions. Part of words.h.

static inline W F(word)(tf_wide wide) {
  return (W)(((unsigned __int128)(uint64_t)wide.high << 64) | wide.low);
}

/// The word, or the end of W's range nearest to it.
static inline W F(clamped)(tf_wide wide) {
  const W top = (W)(((U)1 << (WIDTH - 1)) - 1);
  __int128 value = (__int128)(((unsigned __int128)(uint64_t)wide.high << 64) | wide.low);
  if (value > (__int128)top) return top;
  if (value < -(__int128)top - 1) return -top - 1;
  return (W)value;
}

// A statement for every word of a row, a block of events at a time: word I of the block from event START on is STORED[I].
#define STORED_WORDS(TILE, ROW, TYPE, STORED, START, I, STATEMENT)                                         \
  for (size_t START = 0; START < (TILE)->events; START += TF_BLOCK) {                                      \
    TYPE *STORED = (TYPE *)((TILE)->arena                                                                  \
                            + (START / TF_BLOCK * (TILE)->lanes + (ROW)->lane) * (TF_LANE_BYTES * TF_BLOCK)); \
    EVENTS(I, TF_BLOCK) { STATEMENT; }                                                                     \
  }

/// word = (stored << shift) + offset, and back.
static inline W F(loaded)(W stored, int shift, W offset) { return (W)((U)stored << shift) + offset; }
static inline W F(kept)(W word, int shift, W offset) { return (word - offset) >> shift; }

static void F(load)(const tf_tile *tile, const tf_row *row, void *into) {
  W *restrict target = into;
  const size_t n = whole(tile->events);
  if (row->storage == TF_CONSTANT) {
    const W word = F(word)(tile->constants[row->lane]);
    EVENTS(i, n) target[i] = word;
    return;
  }
  const int shift = row->shift, down = 8 * row->position, up = row->position ? 0 : 16;
  const W offset = row->offset;
  switch (row->storage) {
  case TF_U8:
    STORED_WORDS(tile, row, const uint32_t, stored, start, i,
                 target[start + i] = F(loaded)((W)((stored[i] >> down) & 0xff), shift, offset))
    break;
  case TF_S16:
    STORED_WORDS(tile, row, const uint32_t, stored, start, i,
                 target[start + i] = F(loaded)((W)((int32_t)(stored[i] << up) >> 16), shift, offset))
    break;
  case TF_S32:
    STORED_WORDS(tile, row, const int32_t, stored, start, i,
                 target[start + i] = F(loaded)((W)stored[i], shift, offset))
    break;
  case TF_S64:
    STORED_WORDS(tile, row, const int64_t, stored, start, i,
                 target[start + i] = F(loaded)((W)stored[i], shift, offset))
    break;
  default:
    STORED_WORDS(tile, row, const __int128, stored, start, i,
                 target[start + i] = F(loaded)((W)stored[i], shift, offset))
  }
}

/// Stores a row. The element at position 0 of a lane clears the rest of it, so the elements of a lane are
/// stored in order.
static void F(store)(const tf_tile *tile, const tf_row *row, const void *from) {
  const W *restrict source = from;
  const int shift = row->shift;
  const W offset = row->offset;
  switch (row->storage) {
  case TF_U8: {
    const int up = 8 * row->position;
    const uint32_t others = row->position ? ~((uint32_t)0xff << up) : 0;
    STORED_WORDS(tile, row, uint32_t, stored, start, i,
                 stored[i] = (stored[i] & others)
                             | (((uint32_t)F(kept)(source[start + i], shift, offset) & 0xff) << up))
    break;
  }
  case TF_S16: {
    const int up = 16 * row->position;
    const uint32_t others = row->position ? 0xffff : 0;
    STORED_WORDS(tile, row, uint32_t, stored, start, i,
                 stored[i] = (stored[i] & others)
                             | (((uint32_t)F(kept)(source[start + i], shift, offset) & 0xffff) << up))
    break;
  }
  case TF_S32:
    STORED_WORDS(tile, row, int32_t, stored, start, i,
                 stored[i] = (int32_t)F(kept)(source[start + i], shift, offset))
    break;
  case TF_S64:
    STORED_WORDS(tile, row, int64_t, stored, start, i,
                 stored[i] = (int64_t)F(kept)(source[start + i], shift, offset))
    break;
  default:
    STORED_WORDS(tile, row, __int128, stored, start, i, stored[i] = F(kept)(source[start + i], shift, offset))
  }
}

#undef STORED_WORDS

/// target = round(source / 2^shift), shift in 1..<WIDTH − 1.
static void F(round)(W *target, const W *source, size_t events, int shift, int mode) {
  const size_t n = whole(events);
  const W half = (W)((U)1 << (shift - 1));
  const W mask = (W)(((U)1 << shift) - 1);
// TARGET[I] = FLOOR + UP for every word V of SOURCE, FLOOR and REST being what is above and below the bit.
#define ROUNDED(TARGET, SOURCE, N, I, SHIFT, MASK, V, FLOOR, REST, UP)                                     \
  EVENTS(I, N) {                                                                                           \
    const W V = SOURCE[I], FLOOR = V >> SHIFT, REST = V & MASK;                                            \
    (void)REST;                                                                                            \
    TARGET[I] = FLOOR + (W)(UP);                                                                           \
  }                                                                                                        \
  break;
  switch (mode) {
  case TF_TRN: ROUNDED(target, source, n, i, shift, mask, v, floor, rest, 0)
  case TF_TRN_ZERO: ROUNDED(target, source, n, i, shift, mask, v, floor, rest, (v < 0) & (rest != 0))
  case TF_RND: ROUNDED(target, source, n, i, shift, mask, v, floor, rest, rest >= half)
  case TF_RND_ZERO:
    ROUNDED(target, source, n, i, shift, mask, v, floor, rest, (rest > half) | ((rest == half) & (v < 0)))
  case TF_RND_INF:
    ROUNDED(target, source, n, i, shift, mask, v, floor, rest, (rest > half) | ((rest == half) & (v >= 0)))
  case TF_RND_MIN_INF: ROUNDED(target, source, n, i, shift, mask, v, floor, rest, rest > half)
  default:
    ROUNDED(target, source, n, i, shift, mask, v, floor, rest, (rest > half) | ((rest == half) & (floor & 1)))
  }
#undef ROUNDED
}

static void F(count)(const tf_tile *tile, int32_t counter, const W *source, W low, W high) {
  if (!tile->counters) return;
  int64_t total = 0;
  for (size_t i = 0; i < tile->valid; i++) total += (source[i] < low) | (source[i] > high);
  tile->counters[counter] += total;
}

/// The low `width` bits as a word of the format.
static void F(wrap)(W *target, const W *source, size_t events, int width, int is_signed) {
  const size_t n = whole(events);
  const int spare = WIDTH - width;
  if (is_signed && spare > 0) {
    EVENTS(i, n) target[i] = (W)((U)source[i] << spare) >> spare;
  } else if (!is_signed && spare > 0) {
    const W mask = (W)(((U)1 << width) - 1);
    EVENTS(i, n) target[i] = source[i] & mask;
  } else if (target != source) {
    EVENTS(i, n) target[i] = source[i];
  }
}

/// target = source converted, with an overflow that looks at the words as they were before rounding. The two may be the same
/// row: a block at a time.
static void F(convert_rarely)(const tf_tile *tile, W *target, const W *source, const tf_conversion *conversion) {
  const int right = conversion->right, left = conversion->left, saturated = conversion->saturated;
  const int width = conversion->width, spare = WIDTH - width, is_signed = conversion->is_signed;
  const int is_magnitude = conversion->overflow == TF_WRAP_MAGNITUDE;
  const W low = F(clamped)(conversion->low), high = F(clamped)(conversion->high);
  const W shift_low = F(clamped)(conversion->shift_low), shift_high = F(clamped)(conversion->shift_high);
  const W kept = (W)(((U)1 << (width - saturated)) - 1);
  // The bit above the word, where it was before rounding.
  const int position = width + right - left, above = position < WIDTH ? position : WIDTH - 1;
  for (size_t start = 0; start < tile->events; start += TF_BLOCK) {
    W before[TF_BLOCK], rounded[TF_BLOCK], over[TF_BLOCK];
    for (size_t i = 0; i < TF_BLOCK; i++) before[i] = source[start + i];
    if (right) F(round)(rounded, before, TF_BLOCK, right, conversion->rounding);
    if (!right) for (size_t i = 0; i < TF_BLOCK; i++) rounded[i] = (W)((U)before[i] << left);
    if (left) {
      for (size_t i = 0; i < TF_BLOCK; i++) over[i] = (before[i] < shift_low) | (before[i] > shift_high);
    } else {
      for (size_t i = 0; i < TF_BLOCK; i++) over[i] = (rounded[i] < low) | (rounded[i] > high);
    }
    for (size_t i = 0; i < TF_BLOCK && tile->counters && start + i < tile->valid; i++)
      tile->counters[conversion->counter] += (int64_t)over[i];
    for (size_t i = 0; i < TF_BLOCK; i++) {
      const W v = before[i], aligned = rounded[i];
      const W is_negative = v < 0, deleted = position < 0 ? 0 : (v >> above) & 1;
      W word = is_signed ? (W)((U)aligned << spare) >> spare : aligned & high;
      if (is_magnitude) {
        const W sign = saturated > 1 ? (word >> (width - saturated)) & 1 : word < 0;
        const W flips = saturated == 0 ? deleted != sign : saturated == 1 ? is_negative != sign : sign == is_negative;
        word ^= -flips;
      }
      const W extreme = is_signed && is_negative ? low : high;
      if (saturated > is_magnitude) word = (word & kept) | (extreme & ~kept);
      if (is_magnitude && !is_signed) word = is_negative ? low : high;
      target[start + i] = over[i] ? word : aligned;
    }
  }
}

/// target = source converted, but for what `up` and `is_zero` say. The two may be the same row.
static void F(convert_word)(const tf_tile *tile, W *target, const W *source, const tf_conversion *conversion) {
  const size_t n = whole(tile->events);
  if (conversion->check && conversion->overflow >= TF_WRAP_PARTLY) {
    F(convert_rarely)(tile, target, source, conversion);
    return;
  }
  if (conversion->left) {
    const int shift = conversion->left;
    const W shift_low = F(clamped)(conversion->shift_low), shift_high = F(clamped)(conversion->shift_high);
    const W low = F(clamped)(conversion->low), high = F(clamped)(conversion->high);
    if (!conversion->check) {
      EVENTS(i, n) target[i] = (W)((U)source[i] << shift);
      return;
    }
    F(count)(tile, conversion->counter, source, shift_low, shift_high);
    switch (conversion->overflow) {
    case TF_WRAP:
      EVENTS(i, n) target[i] = (W)((U)source[i] << shift);
      F(wrap)(target, target, n, conversion->width, conversion->is_signed);
      return;
    case TF_SAT:
      EVENTS(i, n) {
        const W v = source[i], moved = (W)((U)v << shift);
        target[i] = v < shift_low ? low : v > shift_high ? high : moved;
      }
      return;
    default:
      EVENTS(i, n) {
        const W v = source[i], moved = (W)((U)v << shift);
        target[i] = v < shift_low || v > shift_high ? 0 : moved;
      }
      return;
    }
  }
  if (conversion->right && conversion->rounding == TF_TRN && (!conversion->check || !tile->counters)
      && (!conversion->check || conversion->overflow == TF_WRAP)) {
    // The most frequent conversion, in one go.
    const int shift = conversion->right, spare = conversion->check ? WIDTH - conversion->width : 0;
    if (spare <= 0) {
      EVENTS(i, n) target[i] = source[i] >> shift;
    } else if (conversion->is_signed) {
      EVENTS(i, n) target[i] = (W)((U)(source[i] >> shift) << spare) >> spare;
    } else {
      const W mask = (W)(((U)1 << conversion->width) - 1);
      EVENTS(i, n) target[i] = (source[i] >> shift) & mask;
    }
    return;
  }
  if (conversion->right) {
    F(round)(target, source, n, conversion->right, conversion->rounding);
    source = target;
  }
  if (!conversion->check) {
    if (target != source) F(wrap)(target, source, n, WIDTH, 1);
    return;
  }
  const W low = F(clamped)(conversion->low), high = F(clamped)(conversion->high);
  F(count)(tile, conversion->counter, source, low, high);
  switch (conversion->overflow) {
  case TF_WRAP: F(wrap)(target, source, n, conversion->width, conversion->is_signed); return;
  case TF_SAT:
    EVENTS(i, n) {
      const W v = source[i] < low ? low : source[i];
      target[i] = v > high ? high : v;
    }
    return;
  default:
    EVENTS(i, n) {
      const W v = source[i];
      target[i] = v < low || v > high ? 0 : v;
    }
  }
}

/// target = source converted. The two may be the same row.
static void F(convert)(const tf_tile *tile, W *target, const W *source, const tf_conversion *conversion) {
  const size_t n = whole(tile->events);
  if (conversion->is_zero) {
    EVENTS(i, n) target[i] = 0;
    return;
  }
  F(convert_word)(tile, target, source, conversion);
  if (!conversion->up) return;
  const int up = conversion->up;
  EVENTS(i, n) target[i] = (W)((U)target[i] << up);
}
