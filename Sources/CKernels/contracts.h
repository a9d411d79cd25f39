// Dot products of two tensors, as in attention: pairs of int16 of both, the second one taken apart into digits where sums would not
// fit 32 bits.
#pragma once

#include "epilogue.h"

/// Whether both elements are a lane as it lies.
INLINE int is_lane(const tf_pair *pair) {
  return pair->lanes[0] == pair->lanes[1] && pair->positions[0] < pair->positions[1];
}

/// Whether so many pairs are lanes that follow each other.
INLINE int are_lanes(const tf_pair *pairs, size_t count) {
  for (size_t k = 0; k < count; k++)
    if (!is_lane(&pairs[k]) || pairs[k].lanes[0] != pairs[0].lanes[0] + k) return 0;
  return 1;
}

/// Two elements as pairs of int16, wherever they are: a block of events from `event` on.
static void take_pair(const tf_tile *tile, const tf_pair *pair, size_t event, uint8_t *to) {
  const uint8_t *from = at(tile, pair->lanes[0], event), *other = at(tile, pair->lanes[1], event);
// What pairs are made of is the same for all events. A is a vector of the first element's lane, B of the second one's.
#define TAKE(A, B, EXPRESSION)                                                                             \
  for (size_t i = 0; i < (size_t)STRIDE; i += TF_VECTOR_BYTES) {                                           \
    const vec A = load_vec(from + i), B = load_vec(other + i);                                             \
    (void)B;                                                                                               \
    store_vec(to + i, EXPRESSION);                                                                         \
  }
  const int first = pair->positions[0], second = pair->positions[1];
  if (is_lane(pair)) TAKE(a, b, a)
  else if (pair->is_single && first) TAKE(a, b, shift_logical(a, 16))
  else if (pair->is_single) TAKE(a, b, a & splat(0xffff))
  else if (first && second) TAKE(a, b, halves(shift_logical(a, 16), b))
  else if (first) TAKE(a, b, halves(shift_logical(a, 16), shift_left(b, 16)))
  else if (second) TAKE(a, b, halves(a, b))
  else TAKE(a, b, halves(a, shift_left(b, 16)))
#undef TAKE
}

/// Rows of lanes in scratch memory.
INLINE uint8_t *scratch_lane(const tf_tile *tile, size_t lane) { return tile->scratch + lane * (size_t)STRIDE; }

/// The columns of a group for a block of events: every digit of every column, then what their sums start from.
INLINE void take_columns(const tf_tile *tile, const tf_contract *c, const tf_pair *y, size_t event, const int parts) {
  const size_t rows = c->columns * c->depth;
  const int split = c->split;
  for (size_t column = 0; column < c->columns; column++) {
    const size_t first = column * c->depth;
    for (size_t k = 0; k < c->depth; k++) take_pair(tile, &y[first + k], event, scratch_lane(tile, first + k));
    // x is stored less an offset.
    if (parts == 1 && !c->x_offset) continue;
    for (size_t i = 0; i < (size_t)STRIDE; i += TF_VECTOR_BYTES) {
      vec totals[2] = {splat(0), splat(0)};
      for (size_t row = first; row < first + c->depth; row++) {
        vec digit[2] = {load_vec(scratch_lane(tile, row) + i), splat(0)};
        if (parts == 2) {
          digit[1] = digit[0] & splat_int16((1 << split) - 1);
          digit[0] = shift_int16_right(digit[0], split);
        }
        UNROLL for (int part = 0; part < parts; part++) {
          store_vec(scratch_lane(tile, (size_t)part * rows + row) + i, digit[part]);
          if (c->x_offset) totals[part] += products(digit[part], splat_int16(1));
        }
      }
      if (c->x_offset) UNROLL for (int part = 0; part < parts; part++)
        store_vec(scratch_lane(tile, (size_t)parts * rows + (size_t)part * c->columns + column) + i,
                  (vec)((uvec)splat(c->start[part]) + (uvec)totals[part] * (uvec)splat(c->x_offset)));
    }
  }
}

/// The products of one digit of four columns, which are `depth` lanes apart, with as many positions as there are vectors, of a vector
/// of events.
INLINE void add_columns(vec sum[RESULTS][VECTORS], const uint8_t *const x[VECTORS], const uint8_t *y, size_t depth) {
  for (size_t k = 0; k < depth; k++) {
    vec word[VECTORS];
    FOR_VECTORS(v) word[v] = load_vec(x[v] + k * STRIDE);
    UNROLL for (int j = 0; j < RESULTS; j++) {
      const vec column = load_vec(y + (j * depth + k) * STRIDE);
      FOR_VECTORS(v) sum[j][v] = dot_int16(sum[j][v], word[v], column);
    }
  }
}

_Static_assert(VECTORS <= TF_CONTRACT_POSITIONS, "scratch memory");

/// How many bytes positions' results are from those of the one before, for as many positions as there are vectors; 0: not all alike.
INLINE ptrdiff_t distance(const uint32_t *out, size_t quads) {
  const ptrdiff_t lanes = (ptrdiff_t)out[quads] - (ptrdiff_t)out[0];
  for (size_t quad = 0; quad < quads; quad++)
    for (size_t v = 1; v < VECTORS; v++)
      if ((ptrdiff_t)out[v * quads + quad] - (ptrdiff_t)out[quad] != (ptrdiff_t)v * lanes) return 0;
  return lanes * STRIDE;
}

/// All columns of a block of events with positions whose pairs are at `x`, and whose results go to `out`, `step` bytes apart.
INLINE void contract_positions(const tf_tile *tile, const tf_contract *c, const uint8_t *const x[VECTORS], const uint32_t *out,
                               ptrdiff_t step, size_t event, const int parts) {
  const size_t rows = c->columns * c->depth, starts = (size_t)parts * rows;
  const tf_epilogue epilogue = c->epilogue;
  for (size_t column = 0; column < c->columns; column += RESULTS, out++) {
    uint8_t *to = at(tile, *out, event);
    for (size_t from = 0; from < (size_t)STRIDE; from += TF_VECTOR_BYTES) {
      const uint8_t *words[VECTORS];
      FOR_VECTORS(v) words[v] = x[v] + from;
      vec sum[RESULTS][VECTORS];
      UNROLL for (int part = parts - 1; part >= 0; part--) {
        const uint8_t *first = scratch_lane(tile, starts + (size_t)part * c->columns + column) + from;
        const vec start = splat(c->start[part]);
        if (part < parts - 1) FOR_SUMS(j, v) sum[j][v] = shift_right(sum[j][v], c->split);
        else FOR_SUMS(j, v) sum[j][v] = splat(0);
        // Where x is stored as it is all columns start alike.
        if (c->x_offset) FOR_SUMS(j, v) sum[j][v] += load_vec(first + j * STRIDE);
        else FOR_SUMS(j, v) sum[j][v] += start;
        add_columns(sum, words, scratch_lane(tile, (size_t)part * rows + column * c->depth) + from, c->depth);
      }
      finish_at((results){.first = to + from, .step = step}, &epilogue, NULL, sum);
    }
  }
}

/// `contract` with columns in so many parts.
INLINE void contract_in_parts(const tf_tile *tile, const tf_contract *c, const int parts) {
  const size_t rows = c->columns * c->depth, quads = c->columns / RESULTS;
  const size_t own = (size_t)parts * (rows + c->columns);
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    for (size_t group = 0; group < c->groups; group++) {
      take_columns(tile, c, c->y + group * rows, event, parts);
      for (size_t next = 0; next < c->positions;) {
        // As many at once as there are vectors, the last ones perhaps once more; or one, so many times.
        size_t first = next, some = 1;
        ptrdiff_t step = 0;
        if (c->positions >= VECTORS) {
          if (first > c->positions - VECTORS) first = c->positions - VECTORS;
          step = distance(c->out + (group * c->positions + first) * quads, quads);
          if (step) some = VECTORS;
          else first = next;
        }
        const tf_pair *x = c->x + (group * c->positions + first) * c->depth;
        const uint8_t *words[VECTORS];
        for (size_t v = 0; v < VECTORS; v++) {
          const tf_pair *pairs = x + (v < some ? v * c->depth : 0);
          if (are_lanes(pairs, c->depth)) {
            words[v] = at(tile, pairs->lanes[0], event);
          } else {
            words[v] = scratch_lane(tile, own + v * c->depth);
            for (size_t k = 0; k < c->depth; k++) take_pair(tile, &pairs[k], event, scratch_lane(tile, own + v * c->depth + k));
          }
        }
        contract_positions(tile, c, words, c->out + (group * c->positions + first) * quads, step, event, parts);
        next = first + some;
      }
    }
  }
}

/// Scratch: lanes of a block, for `columns` times depth + 1 in `parts` parts and for as many positions as there are vectors.
static void contract(const tf_tile *tile, const tf_contract *c) {
  if (c->parts == 2) contract_in_parts(tile, c, 2);
  else contract_in_parts(tile, c, 1);
}
