// Dot products with constant weights: four results by a few vectors of events at a time, sums in registers.
//
// A block reads one lane of x for every group and meets it with four lanes of weights, one per result, each
// broadcast over the events. Per group that is VECTORS loads of x and four broadcasts for 4 · VECTORS
// products, which keeps the multipliers and not the load ports busy.

// Four results of four vectors take 16 of AVX-512's 32 registers, two vectors 8 of the 16 others have.
#if defined(TF_USE_AVX512)
#define VECTORS 4
#else
#define VECTORS 2
#endif
#define BLOCK_EVENTS (VECTORS * LANES)
/// Bytes from one lane to the next.
#define STRIDE ((ptrdiff_t)TF_BLOCK * 4)
#define EACH_SUM                                                                                           \
  UNROLL for (int j = 0; j < 4; j++) UNROLL for (int v = 0; v < VECTORS; v++)
#define EACH_PAIR                                                                                          \
  UNROLL for (int j = 0; j < 2; j++) UNROLL for (int v = 0; v < VECTORS; v++)

/// Where a lane's events from `event` on are.
INLINE uint8_t *at(const tf_tile *tile, size_t lane, size_t event) {
  return tile->arena + ((event / TF_BLOCK * tile->lanes + lane) * TF_BLOCK + event % TF_BLOCK) * 4;
}

/// Asks for what is to be fetched ahead of time in the course of `events` events.
INLINE void fetch_ahead(const tf_tile *tile, size_t event, size_t events) {
  if (!tile->ahead_bytes) return;
  const uint8_t *from = tile->ahead + tile->ahead_bytes * event / tile->events;
  const uint8_t *end = tile->ahead + tile->ahead_bytes * (event + events) / tile->events;
  for (; from < end; from += 64) __builtin_prefetch(from, 0, 2);
}

// What follows the sums. Conditions stand outside the loops over sums: they are the same for all of a step.

/// Drops a stage's bits. Rounding to even: x is half a step more than the number that is rounded, so where nothing is
/// left below the step there was a tie, and x − 1 lacks the step's own bit if x has it.
INLINE void shift_sums(vec sum[4][VECTORS], const tf_stage *stage) {
  if (stage->rounds_to_even) {
    const vec less = minus_one(), others = splat((int32_t)~(1u << stage->shift));
    EACH_SUM sum[j][v] &= (sum[j][v] + less) | others;
  }
  if (stage->shift) EACH_SUM sum[j][v] = shift_right(sum[j][v], stage->shift);
}

/// The same in halves.
INLINE void shift_pairs(vec pair[2][VECTORS], const tf_stage *stage) {
  if (stage->rounds_to_even) {
    const vec less = minus_one(), others = splat_halves(~(1 << stage->shift));
    EACH_PAIR pair[j][v] &= add_halves(pair[j][v], less) | others;
  }
  if (stage->shift) EACH_PAIR pair[j][v] = shift_halves_right(pair[j][v], stage->shift);
}

INLINE void clamp_sums(vec sum[4][VECTORS], const tf_stage *stage) {
  const vec low = splat(stage->low), high = splat(stage->high);
  if (stage->low > INT32_MIN) EACH_SUM sum[j][v] = maximum(sum[j][v], low);
  if (stage->high < INT32_MAX) EACH_SUM sum[j][v] = minimum(sum[j][v], high);
}

INLINE void clamp_pairs(vec pair[2][VECTORS], const tf_stage *stage) {
  const vec low = splat_halves(stage->low), high = splat_halves(stage->high);
  if (stage->low > INT16_MIN) EACH_PAIR pair[j][v] = (vec)__builtin_elementwise_max((hvec)pair[j][v], (hvec)low);
  if (stage->high < INT16_MAX) EACH_PAIR pair[j][v] = (vec)__builtin_elementwise_min((hvec)pair[j][v], (hvec)high);
}

INLINE void store_pairs(uint8_t *to, vec pair[2][VECTORS]) {
  EACH_PAIR store_vec(to + j * STRIDE + v * TF_VECTOR_BYTES, pair[j][v]);
}

/// Finished sums to the arena, in 32 bits, or packed without being saturated.
INLINE void store_sums(uint8_t *to, int storage, vec sum[4][VECTORS]) {
  if (storage == TF_U8) {
    UNROLL for (int v = 0; v < VECTORS; v++) {
      const vec low = sum[0][v] | shift_left(sum[1][v], 8);
      const vec high = shift_left(sum[2][v], 16) | shift_left(sum[3][v], 24);
      store_vec(to + v * TF_VECTOR_BYTES, low | high);
    }
  } else if (storage == TF_S16) {
    vec pair[2][VECTORS];
    EACH_PAIR pair[j][v] = low_pairs(sum[2 * j][v], sum[2 * j + 1][v]);
    store_pairs(to, pair);
  } else {
    EACH_SUM store_vec(to + j * STRIDE + v * TF_VECTOR_BYTES, sum[j][v]);
  }
}

INLINE void finish_words(uint8_t *to, const tf_epilogue *epilogue, vec sum[4][VECTORS]) {
  shift_sums(sum, &epilogue->first);
  clamp_sums(sum, &epilogue->first);
  if (epilogue->wraps) {
    const int shift = epilogue->wrap_shift;
    const vec add = splat(epilogue->second.add);
    if (epilogue->wrap_signed) {
      EACH_SUM sum[j][v] = (shift_left(sum[j][v], shift) >> shift) + add;
    } else {
      EACH_SUM sum[j][v] = shift_logical(shift_left(sum[j][v], shift), shift) + add;
    }
    shift_sums(sum, &epilogue->second);
    clamp_sums(sum, &epilogue->second);
  }
  store_sums(to, epilogue->storage, sum);
}

/// A stage of one result; `converges` as in `tf_epilogue`.
INLINE void stage_of_one(vec word[VECTORS], const tf_stage *stage, int converges) {
  if (converges) {
    const vec less = splat(-(int32_t)stage->rounds_to_even);
    const vec others = splat(stage->rounds_to_even ? (int32_t)~(1u << stage->shift) : -1);
    UNROLL for (int v = 0; v < VECTORS; v++) word[v] &= (word[v] + less) | others;
  }
  const vec low = splat(stage->low), high = splat(stage->high);
  UNROLL for (int v = 0; v < VECTORS; v++) word[v] = minimum(maximum(word[v] >> stage->shift, low), high);
}

/// Every result in its own way.
INLINE void finish_each(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[4][VECTORS]) {
  UNROLL for (int j = 0; j < 4; j++) {
    const tf_finish *way = &each[j];
    stage_of_one(sum[j], &way->first, epilogue->converges);
    if (epilogue->wraps) {
      const vec mask = splat(way->wrap_mask), add = splat(way->second.add);
      UNROLL for (int v = 0; v < VECTORS; v++)
        sum[j][v] = ((shift_left(sum[j][v], way->wrap_shift) >> way->wrap_shift) & mask) + add;
      stage_of_one(sum[j], &way->second, epilogue->converges);
    }
    if (epilogue->moves) {
      const vec add = splat(way->add);
      UNROLL for (int v = 0; v < VECTORS; v++) sum[j][v] = shift_left(sum[j][v], way->up) + add;
    }
  }
  store_sums(to, epilogue->storage, sum);
}

#if defined(TF_PACKS)
INLINE void finish_saturating(uint8_t *to, const tf_epilogue *epilogue, vec sum[4][VECTORS]) {
  const tf_stage *stage = &epilogue->first;
  vec pair[2][VECTORS];
  if (!epilogue->packs_first) shift_sums(sum, stage);
  EACH_PAIR pair[j][v] = saturate_halves(sum[2 * j][v], sum[2 * j + 1][v]);
  if (epilogue->packs_first) shift_pairs(pair, stage);
  if (epilogue->storage == TF_S16) {
    EACH_PAIR pair[j][v] = ordered_pairs(pair[j][v]);
    clamp_pairs(pair, stage);
    store_pairs(to, pair);
    return;
  }
  vec four[VECTORS];
  const vec low = splat_bytes(stage->low), high = splat_bytes(stage->high);
  UNROLL for (int v = 0; v < VECTORS; v++) four[v] = bytes_of_halves(pair[0][v], pair[1][v]);
  if (stage->low > 0) {
    UNROLL for (int v = 0; v < VECTORS; v++) four[v] = (vec)__builtin_elementwise_max((bvec)four[v], (bvec)low);
  }
  if (stage->high < UINT8_MAX) {
    UNROLL for (int v = 0; v < VECTORS; v++) four[v] = (vec)__builtin_elementwise_min((bvec)four[v], (bvec)high);
  }
  UNROLL for (int v = 0; v < VECTORS; v++) store_vec(to + v * TF_VECTOR_BYTES, four[v]);
}
#endif

/// From pairs of wrapped halves on. Bytes are stored only where there are instructions to pack them.
INLINE void finish_pairs(uint8_t *to, const tf_epilogue *epilogue, vec pair[2][VECTORS]) {
  shift_pairs(pair, &epilogue->second);
  clamp_pairs(pair, &epilogue->second);
#if defined(TF_PACKS)
  if (epilogue->storage == TF_U8) {
    UNROLL for (int v = 0; v < VECTORS; v++)
      store_vec(to + v * TF_VECTOR_BYTES, bytes_of_pairs(pair[0][v], pair[1][v]));
    return;
  }
#endif
  store_pairs(to, pair);
}

/// Sums to stored words, in the lanes from `to` on.
INLINE void finish(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[4][VECTORS]) {
#if defined(TF_PACKS)
  if (epilogue->finish == TF_FINISH_SATURATING) {
    finish_saturating(to, epilogue, sum);
    return;
  }
#endif
  if (epilogue->finish == TF_FINISH_WRAPPING) {
    vec pair[2][VECTORS];
    shift_sums(sum, &epilogue->first);
    clamp_sums(sum, &epilogue->first);
    EACH_PAIR pair[j][v] = low_pairs(sum[2 * j][v], sum[2 * j + 1][v]);
    finish_pairs(to, epilogue, pair);
    return;
  }
  if (epilogue->finish == TF_FINISH_EACH) {
    finish_each(to, epilogue, each, sum);
    return;
  }
  finish_words(to, epilogue, sum);
}

/// Sums of DOT_HIGH to stored words: the two halves of a lane have summed the even and the odd elements.
INLINE void finish_high(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[4][VECTORS]) {
  if (epilogue->finish == TF_FINISH_WRAPPING) {
    vec pair[2][VECTORS];
    EACH_PAIR {
      const vec a = sum[2 * j][v], b = sum[2 * j + 1][v];
      pair[j][v] = add_halves(low_pairs(a, b), high_pairs(a, b));
    }
    finish_pairs(to, epilogue, pair);
    return;
  }
  EACH_SUM sum[j][v] = (sum[j][v] + shift_left(sum[j][v], 16)) >> 16;
  if (epilogue->finish == TF_FINISH_EACH) {
    finish_each(to, epilogue, each, sum);
    return;
  }
  finish_words(to, epilogue, sum);
}

/// The body of a kernel: for the events of a tile and all blocks, what is given fills `sum`.
#define BLOCKS(...) BLOCKS_THEN(finish, __VA_ARGS__)
#define BLOCKS_THEN(FINISH, ...)                                                                           \
  /* A copy, which no store to the arena can change: what is made of it is made once. */                   \
  const tf_epilogue epilogue = dot->epilogue;                                                              \
  for (size_t event = 0; event < tile->events; event += BLOCK_EVENTS) {                                    \
    fetch_ahead(tile, event, BLOCK_EVENTS);                                                                \
    for (size_t index = 0; index < dot->block_count; index++) {                                            \
      const tf_block *block = &dot->blocks[index];                                                         \
      const tf_pattern *pattern = &dot->patterns[block->pattern];                                          \
      const uint8_t *x = at(tile, block->lane, event);                                                     \
      vec sum[4][VECTORS];                                                                                 \
      __VA_ARGS__;                                                                                         \
      FINISH(at(tile, block->out, event), &epilogue, pattern->each, sum);                                  \
    }                                                                                                      \
  }

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
        EACH_SUM sum[j][v] = shift_right(sum[j][v], split) + splat(pattern->start[part][j]);               \
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

static void dot_high_kernel(const tf_tile *tile, const tf_dot *dot) {
  // Products that need no floor come first, summed in 32 bits, of which the lower half is the even elements' start.
  BLOCKS_THEN(finish_high, {
    STARTS(0)
    GROUPS(dot_halves, pattern->whole_groups, pattern->whole_lanes, pattern->whole_weights, 4)
    EACH_SUM sum[j][v] &= splat(0xffff);
    GROUPS(add_high, pattern->groups, pattern->lanes, pattern->weights, 4)
  })
}

#define EACH_VECTOR UNROLL for (int v = 0; v < VECTORS; v++)

/// round(product / 2^shift), shift > 0: every mode adds something before the shift floors.
INLINE void round_products(vec product[VECTORS], int shift, int rounding) {
  const vec half = splat((int32_t)(1u << (shift - 1)));
  switch (rounding) {
  case TF_TRN: break;
  case TF_TRN_ZERO: EACH_VECTOR product[v] += (product[v] >> 31) & (half + half - 1); break;
  case TF_RND: EACH_VECTOR product[v] += half; break;
  case TF_RND_ZERO: EACH_VECTOR product[v] += half - 1 - (product[v] >> 31); break;
  case TF_RND_INF: EACH_VECTOR product[v] += half + (product[v] >> 31); break;
  case TF_RND_MIN_INF: EACH_VECTOR product[v] += half - 1; break;
  default: EACH_VECTOR product[v] += half - 1 + ((product[v] >> shift) & 1);
  }
  EACH_VECTOR product[v] = shift_right(product[v], shift);
}

/// Words beyond the ends become the nearer end, or zero.
INLINE void saturate(vec word[VECTORS], int32_t low, int32_t high, int overflow) {
  if (overflow == TF_SAT_ZERO) {
    EACH_VECTOR word[v] &= (word[v] >= splat(low)) & (word[v] <= splat(high));
  } else {
    EACH_VECTOR word[v] = minimum(maximum(word[v], splat(low)), splat(high));
  }
}

static void dot_steps_kernel(const tf_tile *tile, const tf_dot *dot) {
  const int wrap = dot->step_wrap;
  BLOCKS({
    STARTS(0)
    const int32_t *weights = pattern->weights;
    for (size_t group = 0; group < pattern->groups; group++, weights += 4) {
      const uint8_t *from = x + pattern->lanes[group] * STRIDE;
      UNROLL for (int j = 0; j < 4; j++) {
        const vec weight = splat(weights[j]);
        vec term[VECTORS];
        EACH_VECTOR term[v] = products(load_vec(from + v * TF_VECTOR_BYTES), weight);
        if (dot->step_shift) round_products(term, dot->step_shift, dot->step_rounding);
        if (wrap && dot->step_wrap_signed) {
          EACH_VECTOR term[v] = shift_left(term[v], wrap) >> wrap;
        } else if (wrap) {
          EACH_VECTOR term[v] = shift_logical(shift_left(term[v], wrap), wrap);
        }
        if (dot->step_clamps) saturate(term, dot->term_low, dot->term_high, dot->step_clamps);
        EACH_VECTOR sum[j][v] += term[v];
        if (dot->step_saturates) saturate(sum[j], dot->sum_low, dot->sum_high, dot->step_saturates);
      }
    }
  })
}

#include "tiles.h"

static void dot(const tf_tile *tile, const tf_dot *dot) {
  switch (dot->kind) {
  case TF_DOT_BYTES: (dot->parts > 1 ? dot_split_bytes_kernel : dot_bytes_kernel)(tile, dot); break;
  case TF_DOT_HALVES: (dot->parts > 1 ? dot_split_halves_kernel : dot_halves_kernel)(tile, dot); break;
  case TF_DOT_HIGH: dot_high_kernel(tile, dot); break;
#if defined(TF_USE_AMX)
  case TF_DOT_TILES: dot_tiles(tile, dot); break;
#endif
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
static size_t peak(int kind, size_t rounds) {
  if (kind == TF_DOT_TILES) return peak_tiles(rounds);
  const int bytes = kind == TF_DOT_BYTES;
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
