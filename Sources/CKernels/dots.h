// Dot products with constant weights: four results by a few vectors of events at a time, sums in registers.
//
// A block reads one lane of x for every group and meets it with four lanes of weights, one per result, each
// broadcast over the events. Per group that is VECTORS loads of x and four broadcasts for 4 · VECTORS
// products, which keeps the multipliers and not the load ports busy.
#pragma once

#include "epilogue.h"

/// sum + product of a vector of x and one of weights.
typedef vec (*product_of)(vec sum, vec x, vec weight);
/// sum + product, as `product_of` adds them.
typedef vec (*addition_of)(vec sum, vec product);
/// sum += the products of a pattern's groups from `first` to `end`, with the weights of each `step` after those of the one
/// before, in so many vectors.
typedef void (*groups_of)(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x, const int32_t *weights,
                          size_t step, size_t first, size_t end, int vectors);
/// The sums of a block for the events at `x`.
typedef void (*sums_of)(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]);
/// From sums to stored words.
typedef void (*epilogue_of)(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each,
                            vec sum[RESULTS][VECTORS]);

/// A kernel: all blocks for the events of a tile. The functions are inlined.
INLINE void run_blocks(const tf_tile *tile, const tf_dot *dot, sums_of sums, epilogue_of ends) {
  // A copy, which no store to the arena can change: what is made of it is made once.
  const tf_epilogue epilogue = dot->epilogue;
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    fetcher ahead = fetch_in_steps(tile, event, TF_BLOCK, dot->block_count);
    for (size_t index = 0; index < dot->block_count; index++) {
      fetch_some(&ahead);
      const tf_block *block = &dot->blocks[index];
      const tf_pattern *pattern = &dot->patterns[block->pattern];
      const uint8_t *from = at(tile, block->lane, event);
      uint8_t *to = at(tile, block->out, event);
      // Within a block of events lanes are STRIDE apart wherever one begins.
      for (size_t some = 0; some < TF_BLOCK; some += BLOCK_EVENTS) {
        vec sum[RESULTS][VECTORS];
        sums(dot, pattern, from + some * TF_LANE_BYTES, sum);
        ends(to + some * TF_LANE_BYTES, &epilogue, pattern->each, sum);
      }
    }
  }
}

/// What the sums of a part of the weights start from.
INLINE void start(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, int part) {
  FOR_SUMS(j, v) sum[j][v] = splat(pattern->start[part][j]);
}

/// The products of words of x with the weights of four results, in so many vectors.
INLINE void add_products(vec sum[RESULTS][VECTORS], product_of product, addition_of add, const vec word[VECTORS],
                         const int32_t *weights, int vectors) {
#if defined(TF_MULTIPLIES_FIRST)
  // Those of two results are made before any is added: additions take the pipes that multiply less often then (AMD's family 25:
  // 5.1 cycles in place of 5.9, and 4 is what the products alone take).
  UNROLL for (int j = 0; j < RESULTS; j += 2) {
    vec made[2][VECTORS];
    UNROLL for (int k = 0; k < 2; k++) {
      const vec weight = splat(weights[j + k]);
      FOR_SOME(v, vectors) made[k][v] = in_turn(product((vec){}, word[v], weight));
    }
    UNROLL for (int k = 0; k < 2; k++) FOR_SOME(v, vectors) sum[j + k][v] = in_turn(add(sum[j + k][v], made[k][v]));
  }
#else
  (void)add;
  UNROLL for (int j = 0; j < RESULTS; j++) {
    const vec weight = splat(weights[j]);
    FOR_SOME(v, vectors) sum[j][v] = product(sum[j][v], word[v], weight);
  }
#endif
}

/// The products of groups from `first` to `end`, as `groups_of`.
INLINE void add_groups(vec sum[RESULTS][VECTORS], product_of product, addition_of add, const tf_pattern *pattern,
                       const uint8_t *x, const int32_t *weights, size_t step, size_t first, size_t end, int vectors) {
  const int32_t *lanes = pattern->lanes;
  weights += first * step;
  for (size_t group = first; group < end; group++, weights += step) {
    const uint8_t *from = x + lanes[group] * STRIDE;
    vec word[VECTORS];
    FOR_SOME(v, vectors) word[v] = load_vec(from + v * TF_VECTOR_BYTES);
    add_products(sum, product, add, word, weights, vectors);
  }
}

/// The same of the groups that are of one result each.
INLINE void add_by_result(vec sum[RESULTS][VECTORS], product_of product, const tf_pattern *pattern, const uint8_t *x,
                          int vectors) {
  const int32_t *lanes = pattern->lanes + pattern->groups, *weights = pattern->weights + RESULTS * pattern->groups;
  size_t group = 0;
  UNROLL for (int j = 0; j < RESULTS; j++) {
    for (; group < pattern->result_ends[j]; group++) {
      const uint8_t *from = x + lanes[group] * STRIDE;
      const vec weight = splat(weights[group]);
      FOR_SOME(v, vectors) sum[j][v] = product(sum[j][v], load_vec(from + v * TF_VECTOR_BYTES), weight);
    }
  }
}

#if defined(TF_ADDS_BYTES_IN_INT16)
INLINE vec dot_byte_pairs(vec sum, vec x, vec w) { return sum + products(byte_products(x, w), splat_int16(1)); }

/// The same for bytes of which the products of two groups, and no more, may be added in int16.
INLINE void add_by_two(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x, const int32_t *weights,
                       size_t step, size_t first, size_t last, int vectors) {
  const vec ones = splat_int16(1);
  size_t group = first;
  // Twos are counted from the pattern's first group.
  if (group % 2 && group < last) {
    add_groups(sum, dot_byte_pairs, add_lanes, pattern, x, weights, step, group, group + 1, vectors);
    group++;
  }
  const int32_t *w = weights + group * step;
  for (; group + 2 <= last; group += 2, w += 2 * step) {
    const uint8_t *from = x + pattern->lanes[group] * STRIDE, *next = x + pattern->lanes[group + 1] * STRIDE;
    vec word[2][VECTORS];
    FOR_SOME(v, vectors) word[0][v] = load_vec(from + v * TF_VECTOR_BYTES), word[1][v] = load_vec(next + v * TF_VECTOR_BYTES);
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec a = splat(w[j]), b = splat(w[step + (size_t)j]);
      FOR_SOME(v, vectors)
        sum[j][v] += products(add_int16(byte_products(word[0][v], a), byte_products(word[1][v], b)), ones);
    }
  }
  if (group < last) add_groups(sum, dot_byte_pairs, add_lanes, pattern, x, weights, step, group, last, vectors);
}

/// The same for bytes: pairs of products are added in int16 for as long as they fit, then in 32 bits.
INLINE void add_byte_groups(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x, const int32_t *weights,
                            size_t step, size_t first, size_t last, int vectors) {
  const vec ones = splat_int16(1);
  const size_t most = pattern->int16_groups;
  if (most == 1) {
    add_groups(sum, dot_byte_pairs, add_lanes, pattern, x, weights, step, first, last, vectors);
    return;
  }
  if (most == 2) {
    add_by_two(sum, pattern, x, weights, step, first, last, vectors);
    return;
  }
  weights += first * step;
  // Rows of groups that fit are counted from the pattern's first group.
  for (size_t group = first, whole = (first / most + 1) * most; group < last; whole += most) {
    const size_t end = last < whole ? last : whole;
    vec pairs[RESULTS][VECTORS];
    const uint8_t *first_x = x + pattern->lanes[group] * STRIDE;
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec weight = splat(weights[j]);
      FOR_SOME(v, vectors) pairs[j][v] = byte_products(load_vec(first_x + v * TF_VECTOR_BYTES), weight);
    }
    for (group++, weights += step; group < end; group++, weights += step) {
      const uint8_t *from = x + pattern->lanes[group] * STRIDE;
      vec word[VECTORS];
      FOR_SOME(v, vectors) word[v] = load_vec(from + v * TF_VECTOR_BYTES);
      UNROLL for (int j = 0; j < RESULTS; j++) {
        const vec weight = splat(weights[j]);
        FOR_SOME(v, vectors) pairs[j][v] = add_int16(pairs[j][v], byte_products(word[v], weight));
      }
    }
    UNROLL for (int j = 0; j < RESULTS; j++) FOR_SOME(v, vectors) sum[j][v] += products(pairs[j][v], ones);
  }
}
#else
INLINE void add_byte_groups(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x, const int32_t *weights,
                            size_t step, size_t first, size_t end, int vectors) {
  add_groups(sum, dot_bytes, add_lanes, pattern, x, weights, step, first, end, vectors);
  if (pattern->result_ends[RESULTS - 1]) add_by_result(sum, dot_bytes, pattern, x, vectors);
}
#endif
INLINE void add_int16_groups(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x, const int32_t *weights,
                             size_t step, size_t first, size_t end, int vectors) {
  add_groups(sum, dot_int16, add_lanes, pattern, x, weights, step, first, end, vectors);
  if (pattern->result_ends[RESULTS - 1]) add_by_result(sum, dot_int16, pattern, x, vectors);
}

/// Weights in one part.
INLINE void sums_in_one(const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS], groups_of add) {
  start(sum, pattern, 0);
  add(sum, pattern, x, pattern->weights, RESULTS, 0, pattern->groups, VECTORS);
}

/// The parts of split weights one after the other. Added up from the highest, or, where only what is above the
/// lower parts' bits is wanted, from the lowest: each passes on what is above its bits.
INLINE void sums_in_parts(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS],
                          groups_of add, const int rounds_to_even) {
  const int last = dot->parts - 1, split = dot->split;
  const vec ones = splat((1 << split) - 1);
  vec lost[RESULTS][VECTORS];
  for (int step = 0; step <= last; step++) {
    const int part = dot->joins ? last - step : step;
    if (step == 0) {
      start(sum, pattern, part);
    } else if (dot->joins) {
      if (rounds_to_even) {
        FOR_SUMS(j, v) lost[j][v] = step == 1 ? sum[j][v] & ones : lost[j][v] | (sum[j][v] & ones);
      }
      FOR_SUMS(j, v) sum[j][v] = shift_right(sum[j][v], split) + splat(pattern->start[part][j]);
    } else {
      FOR_SUMS(j, v) sum[j][v] = shift_left(sum[j][v], split) + splat(pattern->start[part][j]);
    }
    add(sum, pattern, x, pattern->weights + RESULTS * part, (size_t)(RESULTS * (last + 1)), pattern->part_begins[part],
        pattern->part_ends[part], VECTORS);
  }
  // To round to even: the lowest bit says whether any dropped one was set.
  if (rounds_to_even) FOR_SUMS(j, v) sum[j][v] |= (lost[j][v] + ones) >> split;
}

INLINE void byte_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  sums_in_one(pattern, x, sum, add_byte_groups);
}
INLINE void int16_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  sums_in_one(pattern, x, sum, add_int16_groups);
}
INLINE void split_byte_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x,
                            vec sum[RESULTS][VECTORS]) {
  sums_in_parts(dot, pattern, x, sum, add_byte_groups, dot->joins && dot->epilogue.first.rounds_to_even);
}
// What is lost takes as many registers as the sums.
INLINE void split_int16_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x,
                             vec sum[RESULTS][VECTORS]) {
  sums_in_parts(dot, pattern, x, sum, add_int16_groups, 0);
}
INLINE void split_int16_sums_to_even(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x,
                                     vec sum[RESULTS][VECTORS]) {
  sums_in_parts(dot, pattern, x, sum, add_int16_groups, 1);
}

/// A kernel with the commonest epilogues compiled apart: what each needs stays in registers.
INLINE void run_finished(const tf_tile *tile, const tf_dot *dot, sums_of sums) {
  switch (dot->epilogue.finish) {
#if defined(TF_PACKS)
  case TF_FINISH_SATURATING: run_blocks(tile, dot, sums, finish_by_saturating); break;
#endif
  case TF_FINISH_PAIRS: run_blocks(tile, dot, sums, finish_by_pairs); break;
  default: run_blocks(tile, dot, sums, finish);
  }
}

/// The largest of the sums of `dot->pooled` blocks for the events at `event`, `some` of them further: a few vectors at a
/// time, as the largest so far are kept beside the sums.
INLINE void pooled_sums(const tf_tile *tile, const tf_dot *dot, const tf_block *blocks, size_t event, size_t some,
                        vec best[RESULTS][VECTORS], groups_of add) {
  UNROLL for (int first = 0; first < VECTORS; first += POOLED_VECTORS) {
    UNROLL for (int j = 0; j < RESULTS; j++) FOR_SOME(v, POOLED_VECTORS) best[j][first + v] = splat(INT32_MIN);
    for (size_t k = 0; k < dot->pooled; k++) {
      const tf_pattern *pattern = &dot->patterns[blocks[k].pattern];
      const uint8_t *x = at(tile, blocks[k].lane, event) + some * TF_LANE_BYTES + first * TF_VECTOR_BYTES;
      vec sum[RESULTS][VECTORS];
      UNROLL for (int j = 0; j < RESULTS; j++) FOR_SOME(v, POOLED_VECTORS) sum[j][v] = splat(pattern->start[0][j]);
      add(sum, pattern, x, pattern->weights, RESULTS, 0, pattern->groups, POOLED_VECTORS);
      UNROLL for (int j = 0; j < RESULTS; j++)
        FOR_SOME(v, POOLED_VECTORS) best[j][first + v] = maximum(best[j][first + v], sum[j][v]);
    }
  }
}

/// A kernel of blocks that are pooled: no way from sums to words makes a smaller one of a larger.
INLINE void run_pooled(const tf_tile *tile, const tf_dot *dot, groups_of add) {
  const tf_epilogue epilogue = dot->epilogue;
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    fetcher ahead = fetch_in_steps(tile, event, TF_BLOCK, dot->block_count);
    const tf_block *blocks = dot->blocks;
    for (size_t index = 0; index < dot->block_count; index++, blocks += dot->pooled) {
      fetch_some(&ahead);
      uint8_t *to = at(tile, blocks->out, event);
      for (size_t some = 0; some < TF_BLOCK; some += BLOCK_EVENTS) {
        vec best[RESULTS][VECTORS];
        pooled_sums(tile, dot, blocks, event, some, best, add);
        finish(to + some * TF_LANE_BYTES, &epilogue, NULL, best);
      }
    }
  }
}

ALIGNED_STACK void dot_bytes_kernel(const tf_tile *tile, const tf_dot *dot) {
  if (dot->pooled) run_pooled(tile, dot, add_byte_groups);
  else run_finished(tile, dot, byte_sums);
}
ALIGNED_STACK void dot_int16_kernel(const tf_tile *tile, const tf_dot *dot) {
  if (dot->pooled) run_pooled(tile, dot, add_int16_groups);
  else run_finished(tile, dot, int16_sums);
}
ALIGNED_STACK void dot_split_bytes_kernel(const tf_tile *tile, const tf_dot *dot) {
  run_blocks(tile, dot, split_byte_sums, finish);
}
ALIGNED_STACK void dot_split_int16_kernel(const tf_tile *tile, const tf_dot *dot) {
  if (dot->joins && dot->epilogue.first.rounds_to_even) run_blocks(tile, dot, split_int16_sums_to_even, finish);
  else run_finished(tile, dot, split_int16_sums);
}

INLINE vec add_high(vec sum, vec x, vec w) { return add_int16(sum, high_products(x, w)); }

/// The groups of floored products.
INLINE void add_high_groups(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, const uint8_t *x) {
#if defined(TF_USE_AVX512)
  // A result's products are made before any is added: additions take the pipes that multiply less often then (AMD's family 25).
  const int32_t *weights = pattern->weights;
  for (size_t group = 0; group < pattern->groups; group++, weights += RESULTS) {
    const uint8_t *from = x + pattern->lanes[group] * STRIDE;
    vec word[VECTORS];
    FOR_VECTORS(v) word[v] = load_vec(from + v * TF_VECTOR_BYTES);
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec weight = splat(weights[j]);
      vec made[VECTORS];
      FOR_VECTORS(v) made[v] = in_turn(high_products(word[v], weight));
      FOR_VECTORS(v) sum[j][v] = in_turn(add_int16(sum[j][v], made[v]));
    }
  }
#else
  add_groups(sum, add_high, add_int16, pattern, x, pattern->weights, RESULTS, 0, pattern->groups, VECTORS);
#endif
}

/// Where weights are more than the products' upper halves can hold, the rest needs no floor: it is added besides.
INLINE void high_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  FOR_SUMS(j, v) sum[j][v] = splat(pattern->start[0][j] & 0xffff);
  size_t entry = 0;
  if (pattern->whole_ends[RESULTS - 1]) UNROLL for (int j = 0; j < RESULTS; j++) {
    for (; entry < pattern->whole_ends[j]; entry++) {
      const uint8_t *from = x + pattern->whole_lanes[entry] * STRIDE;
      const vec weight = splat(pattern->whole_weights[entry]);
      FOR_VECTORS(v) sum[j][v] = add_int16(sum[j][v], low_products(load_vec(from + v * TF_VECTOR_BYTES), weight));
    }
  }
  add_high_groups(sum, pattern, x);
}

ALIGNED_STACK void dot_high_kernel(const tf_tile *tile, const tf_dot *dot) {
  if (dot->epilogue.finish == TF_FINISH_WRAPPING) run_blocks(tile, dot, high_sums, finish_high_by_wrapping);
  else run_blocks(tile, dot, high_sums, finish_high);
}

/// round(product / 2^shift), shift > 0: every mode adds something before the shift floors.
INLINE void round_products(vec product[VECTORS], int shift, int rounding) {
  const vec half = splat((int32_t)(1u << (shift - 1)));
  switch (rounding) {
  case TF_TRN: break;
  case TF_TRN_ZERO: FOR_VECTORS(v) product[v] += (product[v] >> 31) & (half + half - 1); break;
  case TF_RND: FOR_VECTORS(v) product[v] += half; break;
  case TF_RND_ZERO: FOR_VECTORS(v) product[v] += half - 1 - (product[v] >> 31); break;
  case TF_RND_INF: FOR_VECTORS(v) product[v] += half + (product[v] >> 31); break;
  case TF_RND_MIN_INF: FOR_VECTORS(v) product[v] += half - 1; break;
  default: FOR_VECTORS(v) product[v] += half - 1 + ((product[v] >> shift) & 1);
  }
  FOR_VECTORS(v) product[v] = shift_right(product[v], shift);
}

/// Words beyond the ends become the nearer end, or zero.
INLINE void saturate(vec word[VECTORS], int32_t low, int32_t high, int overflow) {
  if (overflow == TF_SAT_ZERO) {
    FOR_VECTORS(v) word[v] &= (word[v] >= splat(low)) & (word[v] <= splat(high));
  } else {
    FOR_VECTORS(v) word[v] = minimum(maximum(word[v], splat(low)), splat(high));
  }
}

INLINE void step_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  const int wrap = dot->step_wrap;
  start(sum, pattern, 0);
  const int32_t *weights = pattern->weights;
  for (size_t group = 0; group < pattern->groups; group++, weights += RESULTS) {
    const uint8_t *from = x + pattern->lanes[group] * STRIDE;
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec weight = splat(weights[j]);
      vec term[VECTORS];
      FOR_VECTORS(v) term[v] = products(load_vec(from + v * TF_VECTOR_BYTES), weight);
      if (dot->step_shift) round_products(term, dot->step_shift, dot->step_rounding);
      if (wrap && dot->step_wrap_signed) {
        FOR_VECTORS(v) term[v] = shift_left(term[v], wrap) >> wrap;
      } else if (wrap) {
        FOR_VECTORS(v) term[v] = shift_logical(shift_left(term[v], wrap), wrap);
      }
      if (dot->step_clamps) saturate(term, dot->term_low, dot->term_high, dot->step_clamps);
      FOR_VECTORS(v) sum[j][v] += term[v];
      if (dot->step_saturates) saturate(sum[j], dot->sum_low, dot->sum_high, dot->step_saturates);
    }
  }
}

ALIGNED_STACK void dot_steps_kernel(const tf_tile *tile, const tf_dot *dot) { run_blocks(tile, dot, step_sums, finish); }

/// What a group of bytes takes at the least.
INLINE vec peak_bytes(vec sum, vec x, vec w) {
#if defined(TF_ADDS_BYTES_IN_INT16)
  return add_int16(sum, byte_products(x, w));
#else
  return dot_bytes(sum, x, w);
#endif
}

/// Dot products of bytes or int16 with nothing in their way: as many sums as hide the latency, operands in registers.
static size_t peak_dots(int kind, size_t rounds) {
  const int bytes = kind == TF_DOT_BYTES;
  enum { SUMS = 12 };
  vec sum[SUMS];
  for (int i = 0; i < SUMS; i++) sum[i] = splat(i);
  vec x = splat(0x01020304), w = splat(0x05060708);
  for (size_t round = 0; round < rounds; round++) {
    // Values that change every time, or the compiler would see through it.
    __asm__ volatile("" : "+m"(x), "+m"(w));
    vec a = x;
    const vec b = w;
    for (int repeat = 0; repeat < 8; repeat++) {
      UNROLL for (int i = 0; i < SUMS; i++) {
#if defined(__x86_64__)
        __asm__("" : "+v"(a));
#else
        __asm__("" : "+w"(a));
#endif
        sum[i] = bytes ? peak_bytes(sum[i], a, b) : dot_int16(sum[i], a, b);
      }
    }
  }
  vec total = sum[0];
  for (int i = 1; i < SUMS; i++) total += sum[i];
  volatile int32_t keep = total[0];
  (void)keep;
  return rounds * 8 * SUMS * LANES * (bytes ? 4 : 2);
}
