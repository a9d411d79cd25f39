// Elementwise regions, sums of products, reductions. Part of words.h.

// TARGET[I] = EXPRESSION for every event, one case of a switch.
#define EACH(I, N, TARGET, EXPRESSION)                                                                     \
  EVENTS(I, N) TARGET[I] = (W)(EXPRESSION);                                                                \
  break;
// The same of P and Q, the aligned words of A and B. Most words need no alignment.
#define EACH_OF_TWO(I, N, TARGET, A, SHIFT_A, P, B, SHIFT_B, Q, EXPRESSION)                                \
  if ((SHIFT_A | SHIFT_B) == 0) {                                                                          \
    EVENTS(I, N) { const W P = A[I], Q = B[I]; TARGET[I] = (W)(EXPRESSION); }                              \
  } else {                                                                                                 \
    EVENTS(I, N) { const W P = ALIGNED(A, I, SHIFT_A), Q = ALIGNED(B, I, SHIFT_B); TARGET[I] = (W)(EXPRESSION); } \
  }                                                                                                        \
  break;
// An aligned word of a row.
#define ALIGNED(ROW, I, SHIFT) ((W)((U)ROW[I] << SHIFT))
// One of two words, by a comparison of two others.
#define SELECTED(I, A, SHIFT_A, RELATION, B, SHIFT_B, X, SHIFT_X, Y, SHIFT_Y)                              \
  (ALIGNED(A, I, SHIFT_A) RELATION ALIGNED(B, I, SHIFT_B) ? ALIGNED(X, I, SHIFT_X) : ALIGNED(Y, I, SHIFT_Y))

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
      case TF_CONVERT: F(convert)(tile, target, a, &region->conversions[op->index + (op->each ? element : 0)]); break;
      case TF_ADD: EACH_OF_TWO(i, n, target, a, sa, p, b, sb, q, (U)p + (U)q)
      case TF_SUBTRACT: EACH_OF_TWO(i, n, target, a, sa, p, b, sb, q, (U)p - (U)q)
      case TF_MULTIPLY: EACH_OF_TWO(i, n, target, a, sa, p, b, sb, q, (U)p * (U)q)
      case TF_MAXIMUM: EACH_OF_TWO(i, n, target, a, sa, p, b, sb, q, p > q ? p : q)
      case TF_MINIMUM: EACH_OF_TWO(i, n, target, a, sa, p, b, sb, q, p < q ? p : q)
      // A divisor row holds one positive word. In 32 bits the quotient through double is exact: it is
      // off by less than 2^-22 / b, and no quotient is nearer than 1 / b to the integer above it.
#if WIDTH == 32
      case TF_DIVIDE: {
        const double divisor = b[0];
        EACH(i, n, target, (double)a[i] / divisor)
      }
#else
      case TF_DIVIDE: {
        const W divisor = b[0];
        EACH(i, n, target, a[i] / divisor)
      }
#endif
      case TF_LESS: EACH(i, n, target, SELECTED(i, a, sa, <, b, sb, x, sx, y, sy))
      case TF_LESS_OR_EQUAL: EACH(i, n, target, SELECTED(i, a, sa, <=, b, sb, x, sx, y, sy))
      case TF_EQUAL: EACH(i, n, target, SELECTED(i, a, sa, ==, b, sb, x, sx, y, sy))
      case TF_GREATER_OR_EQUAL: EACH(i, n, target, SELECTED(i, a, sa, >=, b, sb, x, sx, y, sy))
      case TF_GREATER: EACH(i, n, target, SELECTED(i, a, sa, >, b, sb, x, sx, y, sy))
      case TF_LOOKUP: {
        const tf_table *table = &region->tables[op->index + (op->each ? element : 0)];
        const W last = (W)(table->count - 1);
        if (table->narrow) {
#if WIDTH == 32
#if defined(TF_USE_AVX512)
          if (table->int16s) {
            look_up_short(target, a, table->int16s, last, n);
            break;
          }
#endif
          look_up(target, a, table->narrow, last, n);
#else
          const int32_t *words = table->narrow;
          EVENTS(i, n) {
            const W at = a[i] < 0 ? 0 : a[i];
            target[i] = words[at > last ? last : at];
          }
#endif
        } else {
          EVENTS(i, n) {
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
static void F(mac_block)(const tf_tile *tile, const tf_mac *mac) {
  const size_t n = whole(tile->events), depth = mac->depth, columns = mac->columns;
  W *sum = SCRATCH(tile, 2 * depth), *term = SCRATCH(tile, 2 * depth + 1);
  const int sum_shift = mac->sum_shift, term_shift = mac->term_shift;
  // Most sums need no more than products' floors on the way.
  const int floor = mac->convert_product ? mac->product.right : 0;
  const int is_plain = !mac->convert_sum && !sum_shift && !term_shift
                       && (!mac->convert_product
                           || (!mac->product.check && !mac->product.left && mac->product.rounding == TF_TRN));
  for (size_t position = 0; position < mac->positions; position++) {
    const size_t group = position % mac->groups;
    for (size_t k = 0; k < depth; k++)
      F(load)(tile, &mac->x[position * depth + k], SCRATCH(tile, k));
    for (size_t column = 0; column < columns; column++) {
      const tf_wide *weights = mac->weights ? mac->weights + (group * columns + column) * depth : NULL;
      const W start = mac->bias ? F(word)(mac->bias[group * columns + column]) : 0;
      EVENTS(i, n) sum[i] = start;
      for (size_t at = 0; at < depth; at++) {
        const size_t k = mac->order[at];
        const W *x = SCRATCH(tile, k);
        if (weights) {
          // A zero weight's term is zero in every format and leaves a converted sum as it is.
          const W weight = F(word)(weights[k]);
          if (weight == 0) continue;
          if (is_plain && mac->is_narrow) {
            // Processors multiply 32 bits by 32 much faster than 64 by 64.
            EVENTS(i, n) sum[i] = (W)((U)sum[i] + (U)((W)((U)(W)(int32_t)x[i] * (U)(W)(int32_t)weight) >> floor));
            continue;
          }
          if (is_plain) {
            EVENTS(i, n) sum[i] = (W)((U)sum[i] + (U)((W)((U)x[i] * (U)weight) >> floor));
            continue;
          }
          EVENTS(i, n) term[i] = (W)((U)x[i] * (U)weight);
        } else {
          const tf_row *row = &mac->y[((position / mac->shared) * columns + column) * depth + k];
          W *y = SCRATCH(tile, depth + k);
          F(load)(tile, row, y);
          EVENTS(i, n) term[i] = (W)((U)x[i] * (U)y[i]);
        }
        if (mac->convert_product) F(convert)(tile, term, term, &mac->product);
        EVENTS(i, n)
          sum[i] = (W)(((U)sum[i] << sum_shift) + ((U)term[i] << term_shift));
        if (mac->convert_sum) F(convert)(tile, sum, sum, &mac->sum);
      }
      if (mac->convert_last) F(convert)(tile, sum, sum, &mac->sum);
      F(store)(tile, &mac->out[position * columns + column], sum);
    }
  }
}

/// A block of events at a time where the rows of x would not stay in the first-level cache otherwise.
static void F(mac)(const tf_tile *tile, const tf_mac *mac) {
  enum { FITS = 32 << 10 };
  if (mac->depth * tile->events * sizeof(W) <= FITS) {
    F(mac_block)(tile, mac);
    return;
  }
  for (size_t start = 0; start < tile->events; start += TF_BLOCK) {
    const tf_tile block = F(part_of)(tile, start, TF_BLOCK);
    F(mac_block)(&block, mac);
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
        EVENTS(i, n) a[i] = (W)((U)a[i] + (U)b[i]);
        F(convert)(tile, a, a, &reduction->sum);
      }
      break;
    case TF_REDUCE_ARGMAX: {
      W *restrict where = SCRATCH(tile, length);
      EVENTS(i, n) where[i] = 0;
      for (size_t k = 1; k < length; k++) {
        W *restrict x = SCRATCH(tile, length + 1);
        F(load)(tile, &rows[k], x);
        EVENTS(i, n) {
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
          EVENTS(i, n) best[i] = x[i] > best[i] ? x[i] : best[i];
        else
          EVENTS(i, n) best[i] = x[i] < best[i] ? x[i] : best[i];
      }
    }
    F(store)(tile, &reduction->out[index], best);
  }
}

#undef EACH
#undef EACH_OF_TWO
#undef ALIGNED
#undef SELECTED
