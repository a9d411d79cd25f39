// Row kernels for one word type. Included once per type and instruction set, with
//   W     the signed word type, WIDTH its bits, U the unsigned type of that width
//   F(f)  the name of function f
// Loops are plain and free of branches so that the compiler vectorizes them over events. Sums and shifts
// go through U: words wrap where the plan knows that the high bits do not matter.

// A loop over events. Rows are the same or disjoint, so that one event's words depend on no other's, which
// the compiler cannot know.
#define EVENTS _Pragma("clang loop vectorize(assume_safety)") for (size_t i = 0; i < n; i++)
#define SCRATCH(tile, index) ((W *)(tile)->scratch + (size_t)(index) * (tile)->events)

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

static void F(load)(const tf_tile *tile, const tf_row *row, void *into) {
  W *restrict target = into;
  const size_t n = tile->events;
  if (row->storage == TF_CONSTANT) {
    const W word = F(word)(tile->constants[row->lane]);
    EVENTS target[i] = word;
    return;
  }
  const uint8_t *source = tile->arena + (size_t)row->lane * 4 * n;
  const int shift = row->shift;
  const W offset = row->offset;
  switch (row->storage) {
  case TF_U8: {
    const uint32_t *lanes = (const uint32_t *)source;
    const int down = 8 * row->position;
    EVENTS
      target[i] = (W)((U)((lanes[i] >> down) & 0xff) << shift) + offset;
    break;
  }
  case TF_S16: {
    const uint32_t *lanes = (const uint32_t *)source;
    const int up = row->position ? 0 : 16;
    EVENTS
      target[i] = (W)((U)(W)((int32_t)(lanes[i] << up) >> 16) << shift) + offset;
    break;
  }
  case TF_S32: {
    const int32_t *words = (const int32_t *)source;
    EVENTS target[i] = (W)words[i];
    break;
  }
  case TF_S64: {
    const int64_t *words = (const int64_t *)source;
    EVENTS target[i] = (W)words[i];
    break;
  }
  default: {
    const __int128 *words = (const __int128 *)source;
    EVENTS target[i] = (W)words[i];
  }
  }
}

/// Stores a row. The element at position 0 of a lane clears the rest of it, so the elements of a lane are
/// stored in order.
static void F(store)(const tf_tile *tile, const tf_row *row, const void *from) {
  const W *restrict source = from;
  const size_t n = tile->events;
  uint8_t *target = tile->arena + (size_t)row->lane * 4 * n;
  const int shift = row->shift;
  const W offset = row->offset;
  switch (row->storage) {
  case TF_U8: {
    uint32_t *restrict lanes = (uint32_t *)target;
    const int up = 8 * row->position;
    const uint32_t keep = row->position ? ~((uint32_t)0xff << up) : 0;
    EVENTS
      lanes[i] = (lanes[i] & keep) | (((uint32_t)((source[i] - offset) >> shift) & 0xff) << up);
    break;
  }
  case TF_S16: {
    uint32_t *restrict lanes = (uint32_t *)target;
    const int up = 16 * row->position;
    const uint32_t keep = row->position ? 0xffff : 0;
    EVENTS
      lanes[i] = (lanes[i] & keep) | (((uint32_t)((source[i] - offset) >> shift) & 0xffff) << up);
    break;
  }
  case TF_S32: {
    int32_t *restrict words = (int32_t *)target;
    EVENTS words[i] = (int32_t)source[i];
    break;
  }
  case TF_S64: {
    int64_t *restrict words = (int64_t *)target;
    EVENTS words[i] = (int64_t)source[i];
    break;
  }
  default: {
    __int128 *restrict words = (__int128 *)target;
    EVENTS words[i] = source[i];
  }
  }
}

/// A row that can be read where it is, else a copy of it in `scratch`.
static inline const W *F(row)(const tf_tile *tile, const tf_row *row, W *scratch) {
  const int own = WIDTH == 32 ? TF_S32 : WIDTH == 64 ? TF_S64 : TF_S128;
  if (row->storage == own) return (const W *)(tile->arena + (size_t)row->lane * 4 * tile->events);
  F(load)(tile, row, scratch);
  return scratch;
}

/// target = round(source / 2^shift), shift in 1..<WIDTH − 1.
static void F(round)(W *target, const W *source, size_t n, int shift, int mode) {
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
static void F(wrap)(W *target, const W *source, size_t n, int width, int is_signed) {
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
  const size_t n = tile->events;
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
#define A ((W)((U)a[i] << sa))
#define B ((W)((U)b[i] << sb))
#define X ((W)((U)x[i] << sx))
#define Y ((W)((U)y[i] << sy))

static void F(region)(const tf_tile *tile, const tf_region *region) {
  const size_t n = tile->events;
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
      case TF_ADD: EACH((U)A + (U)B)
      case TF_SUBTRACT: EACH((U)A - (U)B)
      case TF_MULTIPLY: EACH((U)A * (U)B)
      case TF_MAXIMUM: EACH(A > B ? A : B)
      case TF_MINIMUM: EACH(A < B ? A : B)
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
          const int32_t *words = table->narrow;
          EVENTS {
            const W at = a[i] < 0 ? 0 : a[i];
            target[i] = words[at > last ? last : at];
          }
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
  const size_t n = tile->events, depth = mac->depth, columns = mac->columns;
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
          const W *y = F(row)(tile, row, SCRATCH(tile, depth + k));
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
  const size_t n = tile->events, length = reduction->length;
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
        const W *restrict x = F(row)(tile, &rows[k], SCRATCH(tile, length + 1));
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
        const W *restrict x = F(row)(tile, &rows[k], SCRATCH(tile, length + 1));
        if (reduction->kind == TF_REDUCE_MAXIMUM)
          EVENTS best[i] = x[i] > best[i] ? x[i] : best[i];
        else
          EVENTS best[i] = x[i] < best[i] ? x[i] : best[i];
      }
    }
    F(store)(tile, &reduction->out[index], best);
  }
}

#undef EVENTS
#undef SCRATCH
#undef EACH
#undef A
#undef B
#undef X
#undef Y
#undef W
#undef U
#undef WIDTH
#undef F
