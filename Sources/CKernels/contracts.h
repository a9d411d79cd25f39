// Dot products of two tensors, as in attention: pairs of int16 of both, the second one taken apart into digits where sums would not
// fit 32 bits.
#pragma once

#include "epilogue.h"

/// Two elements as pairs of int16, wherever they are: a vector of events.
INLINE vec load_pair(const tf_tile *tile, const tf_pair *pair, size_t event) {
  const vec a = load_vec(at(tile, pair->lanes[0], event));
  if (pair->lanes[0] == pair->lanes[1] && pair->positions[0] < pair->positions[1]) return a;
  if (pair->is_single) return shift_logical(a, 16 * pair->positions[0]) & splat(0xffff);
  const vec b = load_vec(at(tile, pair->lanes[1], event));
  // Shifts by a count that is no constant take longer.
  const vec first = pair->positions[0] ? shift_logical(a, 16) : a;
  return halves(first, pair->positions[1] ? b : shift_left(b, 16));
}

/// Rows of lanes in scratch memory.
INLINE uint8_t *scratch_lane(const tf_tile *tile, size_t lane) { return tile->scratch + lane * (size_t)STRIDE; }

/// The columns of a group for a block of events: every digit of every column, then what their sums start from.
static void take_columns(const tf_tile *tile, const tf_contract *c, const tf_pair *y, size_t event) {
  const size_t rows = c->columns * c->depth;
  const int split = c->split;
  for (size_t some = 0; some < TF_BLOCK; some += LANES) {
    const size_t to = some * TF_LANE_BYTES;
    for (size_t column = 0; column < c->columns; column++) {
      vec totals[2] = {splat(0), splat(0)};
      for (size_t k = 0; k < c->depth; k++) {
        const size_t row = column * c->depth + k;
        vec digit[2] = {load_pair(tile, &y[row], event + some), splat(0)};
        if (c->parts == 2) {
          digit[1] = digit[0] & splat_int16((1 << split) - 1);
          digit[0] = shift_int16_right(digit[0], split);
        }
        for (int part = 0; part < c->parts; part++) {
          store_vec(scratch_lane(tile, part * rows + row) + to, digit[part]);
          // x is stored less an offset.
          if (c->x_offset) totals[part] += products(digit[part], splat_int16(1));
        }
      }
      for (int part = 0; part < c->parts; part++)
        if (c->x_offset)
          store_vec(scratch_lane(tile, c->parts * rows + part * c->columns + column) + to,
                    (vec)((uvec)splat(c->start[part]) + (uvec)totals[part] * (uvec)splat(c->x_offset)));
    }
  }
}

/// The products of one digit of four columns, which are `depth` lanes apart.
INLINE void add_columns(vec sum[RESULTS][VECTORS], const uint8_t *x, const uint8_t *y, size_t depth) {
  for (size_t k = 0; k < depth; k++) {
    vec word[VECTORS];
    FOR_VECTORS(v) word[v] = load_vec(x + k * STRIDE + v * TF_VECTOR_BYTES);
    FOR_SUMS(j, v) sum[j][v] = dot_int16(sum[j][v], word[v], load_vec(y + (j * depth + k) * STRIDE + v * TF_VECTOR_BYTES));
  }
}

/// Scratch: lanes of a block, for `columns` times depth + 1 in `parts` parts and for one position.
static void contract(const tf_tile *tile, const tf_contract *c) {
  const size_t rows = c->columns * c->depth, starts = c->parts * rows, own = starts + c->parts * c->columns;
  const tf_epilogue epilogue = c->epilogue;
  for (size_t event = 0; event < tile->events; event += TF_BLOCK) {
    const tf_pair *x = c->x, *y = c->y;
    const uint32_t *out = c->out;
    for (size_t group = 0; group < c->groups; group++, y += rows) {
      take_columns(tile, c, y, event);
      for (size_t position = 0; position < c->positions; position++, x += c->depth) {
        for (size_t k = 0; k < c->depth; k++) {
          for (size_t some = 0; some < TF_BLOCK; some += LANES)
            store_vec(scratch_lane(tile, own + k) + some * TF_LANE_BYTES, load_pair(tile, &x[k], event + some));
        }
        for (size_t column = 0; column < c->columns; column += RESULTS, out++) {
          for (size_t some = 0; some < TF_BLOCK; some += BLOCK_EVENTS) {
            const size_t from = some * TF_LANE_BYTES;
            vec sum[RESULTS][VECTORS];
            for (int part = c->parts - 1; part >= 0; part--) {
              const uint8_t *first = scratch_lane(tile, starts + part * c->columns + column) + from;
              const vec start = splat(c->start[part]);
              if (part < c->parts - 1) FOR_SUMS(j, v) sum[j][v] = shift_right(sum[j][v], c->split);
              else FOR_SUMS(j, v) sum[j][v] = splat(0);
              // Where x is stored as it is all columns start alike.
              if (c->x_offset) FOR_SUMS(j, v) sum[j][v] += load_vec(first + j * STRIDE + v * TF_VECTOR_BYTES);
              else FOR_SUMS(j, v) sum[j][v] += start;
              add_columns(sum, scratch_lane(tile, own) + from, scratch_lane(tile, part * rows + column * c->depth) + from,
                          c->depth);
            }
            finish(at(tile, *out, event) + from, &epilogue, NULL, sum);
          }
        }
      }
    }
  }
}
