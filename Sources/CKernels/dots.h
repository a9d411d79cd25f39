// Dot products with constant weights: four results by a few vectors of events at a time, sums in registers.
//
// A block reads one lane of x for every group and meets it with four lanes of weights, one per result, each
// broadcast over the events. Per group that is VECTORS loads of x and four broadcasts for 4 · VECTORS
// products, which keeps the multipliers and not the load ports busy.
#pragma once

#include "epilogue.h"

/// sum + product of a vector of x and one of weights.
typedef vec (*product_of)(vec sum, vec x, vec weight);
/// The sums of a block for the events at `x`.
typedef void (*sums_of)(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]);
/// From sums to stored words.
typedef void (*epilogue_of)(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each,
                            vec sum[RESULTS][VECTORS]);

/// A kernel: all blocks for the events of a tile. The functions are inlined.
INLINE void run_blocks(const tf_tile *tile, const tf_dot *dot, sums_of sums, epilogue_of ends) {
  // A copy, which no store to the arena can change: what is made of it is made once.
  const tf_epilogue epilogue = dot->epilogue;
  for (size_t event = 0; event < tile->events; event += BLOCK_EVENTS) {
    fetch_ahead(tile, event, BLOCK_EVENTS);
    for (size_t index = 0; index < dot->block_count; index++) {
      const tf_block *block = &dot->blocks[index];
      vec sum[RESULTS][VECTORS];
      const tf_pattern *pattern = &dot->patterns[block->pattern];
      sums(dot, pattern, at(tile, block->lane, event), sum);
      ends(at(tile, block->out, event), &epilogue, pattern->each, sum);
    }
  }
}

/// What the sums of a part of the weights start from.
INLINE void start(vec sum[RESULTS][VECTORS], const tf_pattern *pattern, int part) {
  FOR_SUMS(j, v) sum[j][v] = splat(pattern->start[part][j]);
}

/// sum += the products of `count` groups, with the weights of each `step` after those of the one before.
INLINE void add_groups(vec sum[RESULTS][VECTORS], product_of product, const uint8_t *x, size_t count,
                       const int32_t *lanes, const int32_t *weights, size_t step) {
  for (size_t group = 0; group < count; group++, weights += step) {
    const uint8_t *from = x + lanes[group] * STRIDE;
    vec word[VECTORS];
    FOR_VECTORS(v) word[v] = load_vec(from + v * TF_VECTOR_BYTES);
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec weight = splat(weights[j]);
      FOR_VECTORS(v) sum[j][v] = product(sum[j][v], word[v], weight);
    }
  }
}

/// Weights in one part.
INLINE void sums_in_one(const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS], product_of product) {
  start(sum, pattern, 0);
  add_groups(sum, product, x, pattern->groups, pattern->lanes, pattern->weights, RESULTS);
}

/// The parts of split weights one after the other. Added up from the highest, or, where only what is above the
/// lower parts' bits is wanted, from the lowest: each passes on what is above its bits.
INLINE void sums_in_parts(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS],
                          product_of product) {
  const int last = dot->parts - 1, split = dot->split;
  const int rounds_to_even = dot->joins && dot->epilogue.first.rounds_to_even;
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
    add_groups(sum, product, x, pattern->groups, pattern->lanes, pattern->weights + RESULTS * part,
               (size_t)(RESULTS * (last + 1)));
  }
  // To round to even: the lowest bit says whether any dropped one was set.
  if (rounds_to_even) FOR_SUMS(j, v) sum[j][v] |= (lost[j][v] + ones) >> split;
}

INLINE void byte_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  sums_in_one(pattern, x, sum, dot_bytes);
}
INLINE void int16_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  sums_in_one(pattern, x, sum, dot_int16);
}
INLINE void split_byte_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x,
                            vec sum[RESULTS][VECTORS]) {
  sums_in_parts(dot, pattern, x, sum, dot_bytes);
}
INLINE void split_int16_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x,
                             vec sum[RESULTS][VECTORS]) {
  sums_in_parts(dot, pattern, x, sum, dot_int16);
}

static void dot_bytes_kernel(const tf_tile *tile, const tf_dot *dot) { run_blocks(tile, dot, byte_sums, finish); }
static void dot_int16_kernel(const tf_tile *tile, const tf_dot *dot) { run_blocks(tile, dot, int16_sums, finish); }
static void dot_split_bytes_kernel(const tf_tile *tile, const tf_dot *dot) {
  run_blocks(tile, dot, split_byte_sums, finish);
}
static void dot_split_int16_kernel(const tf_tile *tile, const tf_dot *dot) {
  run_blocks(tile, dot, split_int16_sums, finish);
}

INLINE vec add_high(vec sum, vec x, vec w) { return add_int16(sum, high_products(x, w)); }

/// Products that need no floor come first, summed in 32 bits, of which the lower int16 is the even elements' start.
INLINE void high_sums(const tf_dot *dot, const tf_pattern *pattern, const uint8_t *x, vec sum[RESULTS][VECTORS]) {
  (void)dot;
  start(sum, pattern, 0);
  add_groups(sum, dot_int16, x, pattern->whole_groups, pattern->whole_lanes, pattern->whole_weights, RESULTS);
  FOR_SUMS(j, v) sum[j][v] &= splat(0xffff);
  add_groups(sum, add_high, x, pattern->groups, pattern->lanes, pattern->weights, RESULTS);
}

static void dot_high_kernel(const tf_tile *tile, const tf_dot *dot) { run_blocks(tile, dot, high_sums, finish_high); }

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

static void dot_steps_kernel(const tf_tile *tile, const tf_dot *dot) { run_blocks(tile, dot, step_sums, finish); }

/// Dot products of bytes or int16 with nothing in their way: as many sums as hide the latency, operands in registers.
static size_t peak_dots(int kind, size_t rounds) {
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
      UNROLL for (int i = 0; i < SUMS; i++) sum[i] = bytes ? dot_bytes(sum[i], a, b) : dot_int16(sum[i], a, b);
    }
  }
  vec total = sum[0];
  for (int i = 1; i < SUMS; i++) total += sum[i];
  volatile int32_t keep = total[0];
  (void)keep;
  return rounds * 8 * SUMS * LANES * (bytes ? 4 : 2);
}
