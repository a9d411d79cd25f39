// Dot products with constant weights: four results by a few vectors of events at a time, sums in registers.
//
// A block reads one lane of x for every group and meets it with four lanes of weights, one per result, each
// broadcast over the events. Per group that is VECTORS loads of x and four broadcasts for 4 · VECTORS
// products, which keeps the multipliers and not the load ports busy.

#include "vectors.h"

// Four results of four vectors take 16 of AVX-512's 32 registers, two vectors 8 of the 16 others have.
#if defined(TF_USE_AVX512)
#define VECTORS 4
#else
#define VECTORS 2
#endif
#define BLOCK_EVENTS (VECTORS * LANES)
#define UNROLL _Pragma("clang loop unroll(full)")
#define EACH_SUM                                                                                           \
  UNROLL for (int j = 0; j < 4; j++) UNROLL for (int v = 0; v < VECTORS; v++)

/// Where a lane's events from `event` on are.
INLINE uint8_t *at(const tf_tile *tile, size_t lane, size_t event) {
  return tile->arena + ((event / TF_BLOCK * tile->lanes + lane) * TF_BLOCK + event % TF_BLOCK) * 4;
}

INLINE vec shifted(vec x, const tf_stage *stage) {
  if (stage->rounds_to_even) x -= (x >> stage->shift) & 1;
  return x >> stage->shift;
}

/// The same in halves.
INLINE vec shifted_halves(vec x, const tf_stage *stage) {
  const int16_t shift = (int16_t)stage->shift;
  hvec word = (hvec)x;
  if (stage->rounds_to_even) word -= (word >> shift) & 1;
  return (vec)(word >> shift);
}

INLINE vec stage(vec x, const tf_stage *stage) {
  return minimum(maximum(shifted(x, stage), splat(stage->low)), splat(stage->high));
}

INLINE void finish_words(const tf_tile *tile, const tf_epilogue *epilogue, vec sum[4][VECTORS], size_t lane,
                         size_t event) {
  EACH_SUM sum[j][v] = stage(sum[j][v], &epilogue->first);
  if (epilogue->wraps) {
    const int shift = epilogue->wrap_shift;
    if (epilogue->wrap_signed) {
      EACH_SUM sum[j][v] = shift_left(sum[j][v], shift) >> shift;
    } else {
      EACH_SUM sum[j][v] = shift_logical(shift_left(sum[j][v], shift), shift);
    }
    EACH_SUM sum[j][v] = stage(sum[j][v] + splat(epilogue->second.add), &epilogue->second);
  }
  if (epilogue->storage == TF_U8) {
    UNROLL for (int v = 0; v < VECTORS; v++) {
      const vec low = sum[0][v] | shift_left(sum[1][v], 8);
      const vec high = shift_left(sum[2][v], 16) | shift_left(sum[3][v], 24);
      store_vec(at(tile, lane, event + v * LANES), low | high);
    }
  } else if (epilogue->storage == TF_S16) {
    UNROLL for (int j = 0; j < 4; j += 2) UNROLL for (int v = 0; v < VECTORS; v++) {
      store_vec(at(tile, lane + j / 2, event + v * LANES), low_pairs(sum[j][v], sum[j + 1][v]));
    }
  } else {
    EACH_SUM store_vec(at(tile, lane + j, event + v * LANES), sum[j][v]);
  }
}

#if defined(TF_PACKS)
INLINE void finish_saturating(const tf_tile *tile, const tf_epilogue *epilogue, vec sum[4][VECTORS],
                              size_t lane, size_t event) {
  vec pair[2][VECTORS];
  if (!epilogue->packs_first) EACH_SUM sum[j][v] = shifted(sum[j][v], &epilogue->first);
  UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++)
    pair[j][v] = saturate_halves(sum[2 * j][v], sum[2 * j + 1][v]);
  if (epilogue->packs_first) {
    UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++)
      pair[j][v] = shifted_halves(pair[j][v], &epilogue->first);
  }
  if (epilogue->storage == TF_U8) {
    const vec low = splat_bytes(epilogue->first.low), high = splat_bytes(epilogue->first.high);
    UNROLL for (int v = 0; v < VECTORS; v++) {
      vec four = bytes_of_halves(pair[0][v], pair[1][v]);
      if (epilogue->clamps) four = clamp_bytes(four, low, high);
      store_vec(at(tile, lane, event + v * LANES), four);
    }
  } else {
    const vec low = splat_halves(epilogue->first.low), high = splat_halves(epilogue->first.high);
    UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++) {
      vec two = ordered_pairs(pair[j][v]);
      if (epilogue->clamps) two = clamp_halves(two, low, high);
      store_vec(at(tile, lane + j, event + v * LANES), two);
    }
  }
}
#endif

/// From pairs of wrapped halves on.
INLINE void finish_pairs(const tf_tile *tile, const tf_epilogue *epilogue, vec pair[2][VECTORS], size_t lane,
                         size_t event) {
  const int shift = epilogue->second.shift;
  const vec low = splat_halves(epilogue->second.low), high = splat_halves(epilogue->second.high);
  UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++) {
    if (shift) pair[j][v] = (vec)((hvec)pair[j][v] >> (int16_t)shift);
    if (epilogue->clamps) pair[j][v] = clamp_halves(pair[j][v], low, high);
  }
#if defined(TF_PACKS)
  if (epilogue->storage == TF_U8) {
    UNROLL for (int v = 0; v < VECTORS; v++)
      store_vec(at(tile, lane, event + v * LANES), bytes_of_pairs(pair[0][v], pair[1][v]));
    return;
  }
#endif
  UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++)
    store_vec(at(tile, lane + j, event + v * LANES), pair[j][v]);
}

/// Sums to stored words.
INLINE void finish(const tf_tile *tile, const tf_epilogue *epilogue, vec sum[4][VECTORS], size_t lane,
                   size_t event) {
#if defined(TF_PACKS)
  if (epilogue->finish == TF_FINISH_SATURATING) {
    finish_saturating(tile, epilogue, sum, lane, event);
    return;
  }
  if (epilogue->finish == TF_FINISH_WRAPPING) {
    vec pair[2][VECTORS];
    UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++)
      pair[j][v] = low_pairs(sum[2 * j][v], sum[2 * j + 1][v]);
    finish_pairs(tile, epilogue, pair, lane, event);
    return;
  }
#endif
  finish_words(tile, epilogue, sum, lane, event);
}

/// Sums of DOT_HIGH to stored words: the two halves of a lane have summed the even and the odd elements.
INLINE void finish_high(const tf_tile *tile, const tf_epilogue *epilogue, vec sum[4][VECTORS], size_t lane,
                        size_t event) {
#if defined(TF_PACKS)
  if (epilogue->finish == TF_FINISH_WRAPPING) {
    vec pair[2][VECTORS];
    UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++) {
      const vec a = sum[2 * j][v], b = sum[2 * j + 1][v];
      pair[j][v] = add_halves(low_pairs(a, b), high_pairs(a, b));
    }
    finish_pairs(tile, epilogue, pair, lane, event);
    return;
  }
#endif
  EACH_SUM sum[j][v] = (sum[j][v] + shift_left(sum[j][v], 16)) >> 16;
  finish_words(tile, epilogue, sum, lane, event);
}

/// The body of a kernel: for the events of a tile and all blocks, what is given fills `sum`.
#define BLOCKS(...) BLOCKS_THEN(finish, __VA_ARGS__)
#define BLOCKS_THEN(FINISH, ...)                                                                           \
  for (size_t event = 0; event < tile->events; event += BLOCK_EVENTS) {                                    \
    for (size_t index = 0; index < dot->block_count; index++) {                                            \
      const tf_block *block = &dot->blocks[index];                                                         \
      const tf_pattern *pattern = &dot->patterns[block->pattern];                                          \
      const uint8_t *x = at(tile, block->lane, event);                                                     \
      vec sum[4][VECTORS];                                                                                 \
      __VA_ARGS__;                                                                                         \
      FINISH(tile, &dot->epilogue, sum, block->out, event);                                                \
    }                                                                                                      \
  }

/// Bytes from one lane to the next.
#define STRIDE ((ptrdiff_t)TF_BLOCK * 4)
#define STARTS(part) EACH_SUM sum[j][v] = splat(pattern->start[part][j]);

/// sum += the dot products of `COUNT` groups, by PRODUCT(sum, x, weights).
#define GROUPS(PRODUCT, COUNT, LANE, WEIGHTS, STEP)                                                        \
  {                                                                                                        \
    const int32_t *weights = WEIGHTS;                                                                      \
    const int32_t *lanes = LANE;                                                                           \
    for (size_t group = 0; group < (COUNT); group++, weights += STEP) {                                    \
      const uint8_t *from = x + lanes[group] * STRIDE;                                                     \
      vec word[VECTORS];                                                                                   \
      UNROLL for (int v = 0; v < VECTORS; v++) word[v] = load_vec(from + v * TF_VECTOR_BYTES);             \
      UNROLL for (int j = 0; j < 4; j++) {                                                                 \
        const vec weight = splat(weights[j]);                                                              \
        UNROLL for (int v = 0; v < VECTORS; v++) sum[j][v] = PRODUCT(sum[j][v], word[v], weight);          \
      }                                                                                                    \
    }                                                                                                      \
  }

static void dot_bytes_kernel(const tf_tile *tile, const tf_dot *dot) {
  BLOCKS({
    STARTS(0)
    GROUPS(dot_bytes, pattern->groups, pattern->lanes, pattern->weights, 4)
  })
}

static void dot_halves_kernel(const tf_tile *tile, const tf_dot *dot) {
  BLOCKS({
    STARTS(0)
    GROUPS(dot_halves, pattern->groups, pattern->lanes, pattern->weights, 4)
  })
}

/// The parts of split weights one after the other. Added up from the highest, or, where only what is above the
/// lower parts' bits is wanted, from the lowest: each passes on what is above its bits.
#define SPLIT(PRODUCT)                                                                                     \
  BLOCKS({                                                                                                 \
    const int last = dot->parts - 1, split = dot->split;                                                   \
    const int rounds_to_even = dot->joins && dot->epilogue.first.rounds_to_even;                           \
    const vec ones = splat((1 << split) - 1);                                                              \
    vec lost[4][VECTORS];                                                                                  \
    for (int turn = 0; turn <= last; turn++) {                                                             \
      const int part = dot->joins ? last - turn : turn;                                                    \
      if (turn == 0) {                                                                                     \
        STARTS(part)                                                                                       \
      } else if (dot->joins) {                                                                             \
        if (rounds_to_even) {                                                                              \
          EACH_SUM lost[j][v] = turn == 1 ? sum[j][v] & ones : lost[j][v] | (sum[j][v] & ones);            \
        }                                                                                                  \
        EACH_SUM sum[j][v] = (sum[j][v] >> split) + splat(pattern->start[part][j]);                        \
      } else {                                                                                             \
        EACH_SUM sum[j][v] = shift_left(sum[j][v], split) + splat(pattern->start[part][j]);                \
      }                                                                                                    \
      GROUPS(PRODUCT, pattern->groups, pattern->lanes, pattern->weights + 4 * part, 4 * (last + 1))        \
    }                                                                                                      \
    /* To round to even: the lowest bit says whether any dropped one was set. */                           \
    if (rounds_to_even) EACH_SUM sum[j][v] |= (lost[j][v] + ones) >> split;                                \
  })

static void dot_split_bytes_kernel(const tf_tile *tile, const tf_dot *dot) { SPLIT(dot_bytes) }
static void dot_split_halves_kernel(const tf_tile *tile, const tf_dot *dot) { SPLIT(dot_halves) }

INLINE vec add_high(vec sum, vec x, vec w) { return add_halves(sum, high_halves(x, w)); }
INLINE vec add_whole(vec sum, vec x, vec w) { return add_halves(sum, multiply_halves(x, w)); }

static void dot_high_kernel(const tf_tile *tile, const tf_dot *dot) {
  BLOCKS_THEN(finish_high, {
    STARTS(0)
    GROUPS(add_high, pattern->groups, pattern->lanes, pattern->weights, 4)
    GROUPS(add_whole, pattern->whole_groups, pattern->whole_lanes, pattern->whole_weights, 4)
  })
}

/// round(product / 2^shift): every mode adds something before the shift floors.
INLINE vec rounded(vec product, int shift, int rounding) {
  const vec half = splat(shift ? (int32_t)(1u << (shift - 1)) : 0), sign = product >> 31;
  switch (shift ? rounding : TF_TRN) {
  case TF_TRN: return product >> shift;
  case TF_TRN_ZERO: return (product + (sign & (half + half - 1))) >> shift;
  case TF_RND: return (product + half) >> shift;
  case TF_RND_ZERO: return (product + half - 1 - sign) >> shift;
  case TF_RND_INF: return (product + half + sign) >> shift;
  case TF_RND_MIN_INF: return (product + half - 1) >> shift;
  default: return (product + half - 1 + ((product >> shift) & 1)) >> shift;
  }
}

INLINE vec add_step(vec sum, vec x, vec w, const tf_dot *dot, int rounding) {
  vec term = rounded(products(x, w), dot->step_shift, rounding);
  if (dot->step_wrap) {
    const int shift = dot->step_wrap;
    term = dot->step_wrap_signed ? shift_left(term, shift) >> shift
                                 : shift_logical(shift_left(term, shift), shift);
  }
  if (dot->step_clamps) term = minimum(maximum(term, splat(dot->term_low)), splat(dot->term_high));
  sum += term;
  if (dot->step_saturates) sum = minimum(maximum(sum, splat(dot->sum_low)), splat(dot->sum_high));
  return sum;
}

#define STEPS(ROUNDING)                                                                                    \
  case ROUNDING:                                                                                           \
    BLOCKS({                                                                                               \
      STARTS(0)                                                                                            \
      GROUPS(STEP_##ROUNDING, pattern->groups, pattern->lanes, pattern->weights, 4)                        \
    })                                                                                                     \
    break;
#define STEP_TF_TRN(s, x, w) add_step(s, x, w, dot, TF_TRN)
#define STEP_TF_TRN_ZERO(s, x, w) add_step(s, x, w, dot, TF_TRN_ZERO)
#define STEP_TF_RND(s, x, w) add_step(s, x, w, dot, TF_RND)
#define STEP_TF_RND_ZERO(s, x, w) add_step(s, x, w, dot, TF_RND_ZERO)
#define STEP_TF_RND_INF(s, x, w) add_step(s, x, w, dot, TF_RND_INF)
#define STEP_TF_RND_MIN_INF(s, x, w) add_step(s, x, w, dot, TF_RND_MIN_INF)
#define STEP_TF_RND_CONV(s, x, w) add_step(s, x, w, dot, TF_RND_CONV)

static void dot_steps_kernel(const tf_tile *tile, const tf_dot *dot) {
  switch (dot->step_rounding) {
    STEPS(TF_TRN)
    STEPS(TF_TRN_ZERO)
    STEPS(TF_RND)
    STEPS(TF_RND_ZERO)
    STEPS(TF_RND_INF)
    STEPS(TF_RND_MIN_INF)
    STEPS(TF_RND_CONV)
  }
}

static void dot(const tf_tile *tile, const tf_dot *dot) {
  switch (dot->kind) {
  case TF_DOT_BYTES: (dot->parts > 1 ? dot_split_bytes_kernel : dot_bytes_kernel)(tile, dot); break;
  case TF_DOT_HALVES: (dot->parts > 1 ? dot_split_halves_kernel : dot_halves_kernel)(tile, dot); break;
  case TF_DOT_HIGH: dot_high_kernel(tile, dot); break;
  default: dot_steps_kernel(tile, dot);
  }
}

#define POOL(TYPE, BEST)                                                                                   \
  for (size_t event = 0; event < tile->events; event += BLOCK_EVENTS) {                                    \
    for (size_t index = 0; index < pool->count; index++) {                                                 \
      const uint32_t *lanes = pool->x + index * pool->length;                                              \
      TYPE best[VECTORS];                                                                                  \
      UNROLL for (int v = 0; v < VECTORS; v++) best[v] = (TYPE)load_vec(at(tile, lanes[0], event + v * LANES)); \
      for (size_t k = 1; k < pool->length; k++) {                                                          \
        const uint8_t *from = at(tile, lanes[k], event);                                                   \
        UNROLL for (int v = 0; v < VECTORS; v++)                                                           \
          best[v] = BEST(best[v], (TYPE)load_vec(from + v * TF_VECTOR_BYTES));                             \
      }                                                                                                    \
      UNROLL for (int v = 0; v < VECTORS; v++)                                                             \
        store_vec(at(tile, pool->out[index], event + v * LANES), (vec)best[v]);                            \
    }                                                                                                      \
  }
#define POOLS(BEST)                                                                                        \
  switch (pool->storage) {                                                                                 \
  case TF_U8: POOL(bvec, BEST) break;                                                                      \
  case TF_S16: POOL(hvec, BEST) break;                                                                     \
  default: POOL(vec, BEST)                                                                                 \
  }

static void pool(const tf_tile *tile, const tf_pool *pool) {
  if (pool->is_minimum) {
    POOLS(__builtin_elementwise_min)
  } else {
    POOLS(__builtin_elementwise_max)
  }
}

/// Dot products with nothing in their way: as many sums as hide the latency, operands in registers.
static size_t peak(int bytes, size_t rounds) {
  enum { SUMS = 12 };
  vec sum[SUMS];
  for (int i = 0; i < SUMS; i++) sum[i] = splat(i);
  vec x = splat(0x01020304), w = splat(0x05060708);
  for (size_t round = 0; round < rounds; round++) {
    // Values that change from round to round, or the compiler would see through it.
    __asm__ volatile("" : "+m"(x), "+m"(w));
    const vec a = x, b = w;
    for (int repeat = 0; repeat < 8; repeat++) {
      UNROLL for (int i = 0; i < SUMS; i++) sum[i] = bytes ? dot_bytes(sum[i], a, b) : dot_halves(sum[i], a, b);
    }
  }
  vec total = sum[0];
  for (int i = 1; i < SUMS; i++) total += sum[i];
  volatile int32_t keep = total[0];
  (void)keep;
  return rounds * 8 * SUMS * LANES * (bytes ? 4 : 2);
}
