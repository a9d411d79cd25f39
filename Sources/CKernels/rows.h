// Row kernels for one word type. Included once per type and instruction set, with
//   W     the signed word type, WIDTH its bits, U the unsigned type of that width
//   F(f)  the name of function f
// Loops are plain and free of branches so that the compiler vectorizes them over events. Sums and shifts
// go through U: words wrap where the plan knows that the high bits do not matter.

// A loop over events. Rows are the same or disjoint, so that one event's words depend on no other's, which
// the compiler cannot know.
#define EVENTS _Pragma("clang loop vectorize(assume_safety)") for (size_t i = 0; i < n; i++)
// Scratch rows. The room between them keeps rows from starting at the same place of a memory page, where the
// processor would take a load for one from a store just made.
#define SCRATCH(tile, index) ((W *)(tile)->scratch + (size_t)(index) * ((tile)->events + TF_ROW_GAP))

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

// The words of a row, a block of events at a time.
#define BLOCKWISE(TYPE)                                                                                    \
  for (size_t start = 0; start < tile->events; start += TF_BLOCK) {                                        \
    TYPE *stored = (TYPE *)(tile->arena + (start / TF_BLOCK * tile->lanes + row->lane) * (4 * TF_BLOCK));  \
    BLOCKWISE_EVENTS {

#define BLOCKWISE_EVENTS                                                                                   \
  _Pragma("clang loop vectorize(assume_safety)") for (size_t i = 0; i < TF_BLOCK; i++)
#define BLOCKWISE_END }}

static void F(load)(const tf_tile *tile, const tf_row *row, void *into) {
  W *restrict target = into;
  const size_t n = whole(tile->events);
  if (row->storage == TF_CONSTANT) {
    const W word = F(word)(tile->constants[row->lane]);
    EVENTS target[i] = word;
    return;
  }
  const int shift = row->shift, down = 8 * row->position, up = row->position ? 0 : 16;
  const W offset = row->offset;
#define LOADED(TYPE, VALUE) BLOCKWISE(const TYPE) target[start + i] = (W)((U)(W)(VALUE) << shift) + offset; BLOCKWISE_END break;
  switch (row->storage) {
  case TF_U8: LOADED(uint32_t, (stored[i] >> down) & 0xff)
  case TF_S16: LOADED(uint32_t, (int32_t)(stored[i] << up) >> 16)
  case TF_S32: LOADED(int32_t, stored[i])
  case TF_S64: LOADED(int64_t, stored[i])
  default: LOADED(__int128, stored[i])
  }
#undef LOADED
}

/// Stores a row. The element at position 0 of a lane clears the rest of it, so the elements of a lane are
/// stored in order.
static void F(store)(const tf_tile *tile, const tf_row *row, const void *from) {
  const W *restrict source = from;
  const int shift = row->shift;
  const W offset = row->offset;
#define STORED(TYPE, VALUE) BLOCKWISE(TYPE) const W word = (source[start + i] - offset) >> shift; stored[i] = (TYPE)(VALUE); BLOCKWISE_END break;
  switch (row->storage) {
  case TF_U8: {
    const int up = 8 * row->position;
    const uint32_t keep = row->position ? ~((uint32_t)0xff << up) : 0;
    STORED(uint32_t, (stored[i] & keep) | (((uint32_t)word & 0xff) << up))
  }
  case TF_S16: {
    const int up = 16 * row->position;
    const uint32_t keep = row->position ? 0xffff : 0;
    STORED(uint32_t, (stored[i] & keep) | (((uint32_t)word & 0xffff) << up))
  }
  case TF_S32: STORED(int32_t, word)
  case TF_S64: STORED(int64_t, word)
  default: STORED(__int128, word)
  }
#undef STORED
}

#undef BLOCKWISE
#undef BLOCKWISE_EVENTS
#undef BLOCKWISE_END

/// target = round(source / 2^shift), shift in 1..<WIDTH − 1.
static void F(round)(W *target, const W *source, size_t events, int shift, int mode) {
  const size_t n = whole(events);
  const W half = (W)((U)1 << (shift - 1));
  const W mask = (W)(((U)1 << shift) - 1);
#define ROUND(UP)                                                                                          \
  EVENTS {                                                                         \
    const W v = source[i], floor = v >> shift, rest = v & mask;                                            \
    (void)rest;                                                                                            \
    target[i] = floor + (W)(UP);                                                                           \
  }                                                                                                        \
  break;
  switch (mode) {
  case TF_TRN: ROUND(0)
  case TF_TRN_ZERO: ROUND((v < 0) & (rest != 0))
  case TF_RND: ROUND(rest >= half)
  case TF_RND_ZERO: ROUND((rest > half) | ((rest == half) & (v < 0)))
  case TF_RND_INF: ROUND((rest > half) | ((rest == half) & (v >= 0)))
  case TF_RND_MIN_INF: ROUND(rest > half)
  default: ROUND((rest > half) | ((rest == half) & (floor & 1)))
  }
#undef ROUND
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
    EVENTS target[i] = (W)((U)source[i] << spare) >> spare;
  } else if (!is_signed && spare > 0) {
    const W mask = (W)(((U)1 << width) - 1);
    EVENTS target[i] = source[i] & mask;
  } else if (target != source) {
    EVENTS target[i] = source[i];
  }
}

/// target = source converted. The two may be the same row.
static void F(convert)(const tf_tile *tile, W *target, const W *source, const tf_conversion *conversion) {
  const size_t n = whole(tile->events);
  if (conversion->left) {
    const int shift = conversion->left;
    const W shift_low = F(clamped)(conversion->shift_low), shift_high = F(clamped)(conversion->shift_high);
    const W low = F(clamped)(conversion->low), high = F(clamped)(conversion->high);
    if (!conversion->check) {
      EVENTS target[i] = (W)((U)source[i] << shift);
      return;
    }
    F(count)(tile, conversion->counter, source, shift_low, shift_high);
    switch (conversion->overflow) {
    case TF_WRAP:
      EVENTS target[i] = (W)((U)source[i] << shift);
      F(wrap)(target, target, n, conversion->width, conversion->is_signed);
      return;
    case TF_SAT:
      EVENTS {
        const W v = source[i], moved = (W)((U)v << shift);
        target[i] = v < shift_low ? low : v > shift_high ? high : moved;
      }
      return;
    default:
      EVENTS {
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
      EVENTS target[i] = source[i] >> shift;
    } else if (conversion->is_signed) {
      EVENTS target[i] = (W)((U)(source[i] >> shift) << spare) >> spare;
    } else {
      const W mask = (W)(((U)1 << conversion->width) - 1);
      EVENTS target[i] = (source[i] >> shift) & mask;
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
    EVENTS {
      const W v = source[i] < low ? low : source[i];
      target[i] = v > high ? high : v;
    }
    return;
  default:
    EVENTS {
      const W v = source[i];
      target[i] = v < low || v > high ? 0 : v;
    }
  }
}

#define EACH(EXPRESSION)                                                                                   \
  EVENTS target[i] = (W)(EXPRESSION);                                              \
  break;
// Most words need no alignment.
#define EACH_PAIR_OF(EXPRESSION)                                                                           \
  if ((sa | sb) == 0) {                                                                                    \
    EVENTS { const W p = a[i], q = b[i]; target[i] = (W)(EXPRESSION); }                                    \
  } else {                                                                                                 \
    EVENTS { const W p = A, q = B; target[i] = (W)(EXPRESSION); }                                          \
  }                                                                                                        \
  break;
#define A ((W)((U)a[i] << sa))
#define B ((W)((U)b[i] << sb))
#define X ((W)((U)x[i] << sx))
#define Y ((W)((U)y[i] << sy))

static void F(region)(const tf_tile *tile, const tf_region *region) {
  const size_t n = whole(tile->events);
  for (size_t element = 0; element < region->count; element++) {
    for (size_t step = 0; step < region->op_count; step++) {
      const tf_op *op = &region->ops[step];
      if (op->once && element > 0) continue;
      W *target = SCRATCH(tile, op->target);
      const W *a = SCRATCH(tile, op->source[0]), *b = SCRATCH(tile, op->source[1]);
      const W *x = SCRATCH(tile, op->source[2]), *y = SCRATCH(tile, op->source[3]);
      const int sa = op->shift[0], sb = op->shift[1], sx = op->shift[2], sy = op->shift[3];
      switch (op->code) {
      case TF_LOAD: F(load)(tile, &region->rows[op->index + element], target); break;
      case TF_STORE: F(store)(tile, &region->rows[op->index + element], a); break;
      case TF_CONVERT: F(convert)(tile, target, a, &region->conversions[op->index]); break;
      case TF_ADD: EACH_PAIR_OF((U)p + (U)q)
      case TF_SUBTRACT: EACH_PAIR_OF((U)p - (U)q)
      case TF_MULTIPLY: EACH_PAIR_OF((U)p * (U)q)
      case TF_MAXIMUM: EACH_PAIR_OF(p > q ? p : q)
      case TF_MINIMUM: EACH_PAIR_OF(p < q ? p : q)
      // A divisor row holds one positive word. In 32 bits the quotient through double is exact: it is
      // off by less than 2^-22 / b, and no quotient is nearer than 1 / b to the integer above it.
#if WIDTH == 32
      case TF_DIVIDE: {
        const double divisor = b[0];
        EACH((double)a[i] / divisor)
      }
#else
      case TF_DIVIDE: {
        const W divisor = b[0];
        EACH(a[i] / divisor)
      }
#endif
      case TF_LESS: EACH(A < B ? X : Y)
      case TF_LESS_OR_EQUAL: EACH(A <= B ? X : Y)
      case TF_EQUAL: EACH(A == B ? X : Y)
      case TF_GREATER_OR_EQUAL: EACH(A >= B ? X : Y)
      case TF_GREATER: EACH(A > B ? X : Y)
      case TF_LOOKUP: {
        const tf_table *table = &region->tables[op->index];
        const W last = (W)(table->count - 1);
        if (table->narrow) {
#if WIDTH == 32
#if defined(TF_USE_AVX512)
          if (table->halves) {
            look_up_short(target, a, table->halves, last, n);
            break;
          }
#endif
          look_up(target, a, table->narrow, last, n);
#else
          const int32_t *words = table->narrow;
          EVENTS {
            const W at = a[i] < 0 ? 0 : a[i];
            target[i] = words[at > last ? last : at];
          }
#endif
        } else {
          EVENTS {
            const W at = a[i] < 0 ? 0 : a[i];
            target[i] = F(word)(table->words[at > last ? last : at]);
          }
        }
        break;
      }
      }
    }
  }
}

/// Scratch: depth rows of x, depth rows of y, the sum, the term.
static void F(mac)(const tf_tile *tile, const tf_mac *mac) {
  const size_t n = whole(tile->events), depth = mac->depth, columns = mac->columns;
  W *sum = SCRATCH(tile, 2 * depth), *term = SCRATCH(tile, 2 * depth + 1);
  const int sum_shift = mac->sum_shift, term_shift = mac->term_shift;
  for (size_t position = 0; position < mac->positions; position++) {
    const size_t group = position % mac->groups;
    for (size_t k = 0; k < depth; k++)
      F(load)(tile, &mac->x[position * depth + k], SCRATCH(tile, k));
    for (size_t column = 0; column < columns; column++) {
      const tf_wide *weights = mac->weights ? mac->weights + (group * columns + column) * depth : NULL;
      const W start = mac->bias ? F(word)(mac->bias[group * columns + column]) : 0;
      EVENTS sum[i] = start;
      for (size_t at = 0; at < depth; at++) {
        const size_t k = mac->order[at];
        const W *x = SCRATCH(tile, k);
        if (weights) {
          // A zero weight's term is zero in every format and leaves a converted sum as it is.
          const W weight = F(word)(weights[k]);
          if (weight == 0) continue;
          if (!mac->convert_product && !mac->convert_sum && !sum_shift && !term_shift) {
            EVENTS sum[i] = (W)((U)sum[i] + (U)x[i] * (U)weight);
            continue;
          }
          EVENTS term[i] = (W)((U)x[i] * (U)weight);
        } else {
          const tf_row *row = &mac->y[((position / mac->shared) * columns + column) * depth + k];
          W *y = SCRATCH(tile, depth + k);
          F(load)(tile, row, y);
          EVENTS term[i] = (W)((U)x[i] * (U)y[i]);
        }
        if (mac->convert_product) F(convert)(tile, term, term, &mac->product);
        EVENTS
          sum[i] = (W)(((U)sum[i] << sum_shift) + ((U)term[i] << term_shift));
        if (mac->convert_sum) F(convert)(tile, sum, sum, &mac->sum);
      }
      if (mac->convert_last) F(convert)(tile, sum, sum, &mac->sum);
      F(store)(tile, &mac->out[position * columns + column], sum);
    }
  }
}

/// Scratch: `length` rows and two more.
static void F(reduce)(const tf_tile *tile, const tf_reduction *reduction) {
  const size_t n = whole(tile->events), length = reduction->length;
  for (size_t index = 0; index < reduction->count; index++) {
    const tf_row *rows = reduction->x + index * length;
    W *best = SCRATCH(tile, 0);
    F(load)(tile, &rows[0], best);
    switch (reduction->kind) {
    case TF_REDUCE_SUM:
      F(convert)(tile, best, best, &reduction->term);
      for (size_t k = 1; k < length; k++) {
        F(load)(tile, &rows[k], SCRATCH(tile, k));
        F(convert)(tile, SCRATCH(tile, k), SCRATCH(tile, k), &reduction->term);
      }
      for (size_t step = 0; step + 1 < length; step++) {
        W *restrict a = SCRATCH(tile, reduction->schedule[2 * step]);
        const W *restrict b = SCRATCH(tile, reduction->schedule[2 * step + 1]);
        EVENTS a[i] = (W)((U)a[i] + (U)b[i]);
        F(convert)(tile, a, a, &reduction->sum);
      }
      break;
    case TF_REDUCE_ARGMAX: {
      W *restrict where = SCRATCH(tile, length);
      EVENTS where[i] = 0;
      for (size_t k = 1; k < length; k++) {
        W *restrict x = SCRATCH(tile, length + 1);
        F(load)(tile, &rows[k], x);
        EVENTS {
          where[i] = x[i] > best[i] ? (W)k : where[i];
          best[i] = x[i] > best[i] ? x[i] : best[i];
        }
      }
      best = where;
      break;
    }
    default:
      for (size_t k = 1; k < length; k++) {
        W *restrict x = SCRATCH(tile, length + 1);
        F(load)(tile, &rows[k], x);
        if (reduction->kind == TF_REDUCE_MAXIMUM)
          EVENTS best[i] = x[i] > best[i] ? x[i] : best[i];
        else
          EVENTS best[i] = x[i] < best[i] ? x[i] : best[i];
      }
    }
    F(store)(tile, &reduction->out[index], best);
  }
}

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
#define WRITE(QUAD, TYPE, VALUE)                                                                           \
  {                                                                                                        \
    for (size_t k = 0; k < some; k++) {                                                                    \
      F(load)(tile, &output->rows[first + k], words);                                                      \
      TYPE *to = (TYPE *)numbers + k * row;                                                                \
      EVENTS to[i] = (TYPE)(VALUE);                                                                        \
    }                                                                                                      \
    size_t event = 0;                                                                                      \
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
    const int overlaps = begin + 4 > count && begin + 1 < count && count > 4;
    const size_t first = overlaps ? count - 4 : begin, some = count - first < 4 ? count - first : 4;
    if (element == TF_FLOAT64) {
      WRITE(double_quad, double, (double)words[i] * output->scale)
#if WIDTH == 32
    } else if (element == TF_FLOAT32 && output->scale > 0x1p-90) {
      // Rounded once, as from float64: scaling changes no digit.
      const float scale = (float)output->scale;
      WRITE(float_quad, float, (float)words[i] * scale)
#endif
    } else if (element == TF_FLOAT32) {
      WRITE(float_quad, float, (double)words[i] * output->scale)
    } else {
      WRITE(long_quad, int64_t, words[i])
    }
  }
}

/// A block of events at a time, so that their results are still in the first-level cache when the next four follow.
static void F(write)(const tf_tile *tile, const tf_output *output, int element, void *target) {
  const size_t size = element == TF_FLOAT32 ? 4 : 8;
  tf_tile block = *tile;
  block.events = TF_BLOCK;
  for (size_t start = 0; start < tile->valid; start += TF_BLOCK) {
    block.arena = tile->arena + start * tile->lanes * 4;
    block.valid = tile->valid - start < TF_BLOCK ? tile->valid - start : TF_BLOCK;
    uint8_t *to = (uint8_t *)target + start * output->count * size;
    // The next block's room is fetched meanwhile.
    for (size_t at = 0; at < TF_BLOCK * output->count * size; at += 64)
      __builtin_prefetch(to + TF_BLOCK * output->count * size + at, 1);
    F(write_block)(&block, output, element, to);
  }
}

#undef WRITE
#undef TURN_BACK
#undef EVENTS
#undef SCRATCH
#undef EACH
#undef EACH_PAIR_OF
#undef A
#undef B
#undef X
#undef Y
#undef W
#undef U
#undef WIDTH
#undef F
