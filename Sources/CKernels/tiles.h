// Dot products with constant weights as products of matrices, by AMX's tiles.
//
// A tile of weights has sixteen results by up to sixteen lanes, a tile of x the same lanes by sixteen events, as they
// lie in the arena; their product adds to sixteen results by sixteen events. Tiles hold bytes: int16 words of x are
// taken apart into two digits first, each with sums of its own. docs/kernels.md draws the tiles.

#pragma once

#include "epilogue.h"

#if defined(TF_USE_AMX)

enum {
  /// A tile has sixteen rows of sixteen lanes.
  TILE_ROWS = TF_TILE,
  TILE_ROW_BYTES = TF_TILE * TF_LANE_BYTES,
  TILE_BYTES = TILE_ROWS * TILE_ROW_BYTES,
  /// Events in a tile: those of a vector.
  TILE_EVENTS = LANES,
  /// Tiles of sums.
  SUM_TILES = TF_UNIT_SUMS,
};

// The tiles by their numbers, which instructions have built in: 0 to 3 are sums; two are x, two weights.
#define X_TILE 4
#define OTHER_X_TILE 5
#define WEIGHTS_TILE 6
#define OTHER_WEIGHTS_TILE 7

/// How the eight tiles are laid out.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_config;

/// Tiles for runs of some lanes: no more are read, as lanes beyond may just have been stored to.
static inline void configure_tiles(uint8_t lanes) {
  const uint16_t bytes = TF_LANE_BYTES * lanes, row = TILE_ROW_BYTES;
  const tile_config config = {
      .palette = 1,
      .row_bytes = {row, row, row, row, row, row, bytes, bytes},
      .rows = {TILE_ROWS, TILE_ROWS, TILE_ROWS, TILE_ROWS, lanes, lanes, TILE_ROWS, TILE_ROWS},
  };
  _tile_loadconfig(&config);
}

/// A row of sums' starts.
static const int32_t zeros[TILE_EVENTS] __attribute__((aligned(CACHE_LINE)));

/// The four tiles of sums: by results by events.
typedef int32_t tile_sums[SUM_TILES][TILE_ROWS][TILE_EVENTS];

// Products of words whose lower digits are unsigned and whose highest one is signed.
#define MULTIPLY_UNSIGNED(SUM, W, X) _tile_dpbsud(SUM, W, X)
#define MULTIPLY_SIGNED(SUM, W, X) _tile_dpbssd(SUM, W, X)

// A tile of sums is stored to memory just before it starts anew: by then its last product is done, and the other tiles'
// products are under way. (Stored after its own product, each waits for it: that takes 1.5 times as long.)
#define STORE_TILE(SUM, BEFORE) _tile_stored(SUM, (BEFORE)[SUM], TILE_ROW_BYTES);
#define START_TILE(SUM, BEFORE, STARTS)                                                                    \
  STORE_TILE(SUM, BEFORE)                                                                                  \
  _tile_loadd(SUM, STARTS, TILE_ROW_BYTES);
// Zeros are loaded like other starts: a product right after a zeroed tile waits for all products before it.
#define ZERO_TILE(SUM, BEFORE)                                                                             \
  STORE_TILE(SUM, BEFORE)                                                                                  \
  _tile_loadd(SUM, zeros, 0);
// Lanes of x from FROM on: a vector of events of each.
#define LOAD_X(TILE, FROM, VECTOR) _tile_loadd(TILE, (FROM) + (VECTOR) * TILE_ROW_BYTES, STRIDE);

/// Bytes: 64 events. Before that, what the tiles hold is stored.
static inline void multiply_bytes_tiles(const tf_tile_pattern *pattern, const uint8_t *from, tile_sums before) {
  const int8_t *weights = pattern->weights;
  for (size_t run = 0; run < pattern->runs; run++, weights += TILE_BYTES) {
    const uint8_t *x = from + pattern->lanes[run] * STRIDE;
    _tile_loadd(WEIGHTS_TILE, weights, TILE_ROW_BYTES);
    LOAD_X(X_TILE, x, 0)
    if (run == 0) { START_TILE(0, before, pattern->starts) }
    MULTIPLY_UNSIGNED(0, WEIGHTS_TILE, X_TILE);
    LOAD_X(OTHER_X_TILE, x, 1)
    if (run == 0) { START_TILE(1, before, pattern->starts) }
    MULTIPLY_UNSIGNED(1, WEIGHTS_TILE, OTHER_X_TILE);
    LOAD_X(X_TILE, x, 2)
    if (run == 0) { START_TILE(2, before, pattern->starts) }
    MULTIPLY_UNSIGNED(2, WEIGHTS_TILE, X_TILE);
    LOAD_X(OTHER_X_TILE, x, 3)
    if (run == 0) { START_TILE(3, before, pattern->starts) }
    MULTIPLY_UNSIGNED(3, WEIGHTS_TILE, OTHER_X_TILE);
  }
}

/// int16: 32 events, the higher digits `high` bytes after the lower ones; sums 0 and 1 are the lower digits'. Before that,
/// what the tiles hold is stored.
static inline void multiply_int16_tiles(const tf_tile_pattern *pattern, const uint8_t *from, size_t high, tile_sums before) {
  const int8_t *weights = pattern->weights;
  for (size_t run = 0; run < pattern->runs; run++, weights += TILE_BYTES) {
    const uint8_t *x = from + pattern->lanes[run] * STRIDE;
    _tile_loadd(WEIGHTS_TILE, weights, TILE_ROW_BYTES);
    LOAD_X(X_TILE, x, 0)
    if (run == 0) { START_TILE(0, before, pattern->starts) }
    MULTIPLY_UNSIGNED(0, WEIGHTS_TILE, X_TILE);
    LOAD_X(OTHER_X_TILE, x, 1)
    if (run == 0) { START_TILE(1, before, pattern->starts) }
    MULTIPLY_UNSIGNED(1, WEIGHTS_TILE, OTHER_X_TILE);
    LOAD_X(X_TILE, x + high, 0)
    if (run == 0) { ZERO_TILE(2, before) }
    MULTIPLY_SIGNED(2, WEIGHTS_TILE, X_TILE);
    LOAD_X(OTHER_X_TILE, x + high, 1)
    if (run == 0) { ZERO_TILE(3, before) }
    MULTIPLY_SIGNED(3, WEIGHTS_TILE, OTHER_X_TILE);
  }
}

/// Takes a block's int16 words apart: four lower digits to a lane, of elements 0, 2, 1 and 3 of two lanes, and after all of
/// those four higher ones.
static void split_int16(const tf_tile *tile, const tf_dot *dot, size_t event) {
  const vec lower = splat(0x00ff00ff);
  const uint8_t *from = at(tile, dot->split_lane, event);
  uint8_t *low = tile->scratch, *high = low + dot->split_lanes * (size_t)STRIDE;
  for (size_t lane = 0; lane < dot->split_lanes; lane++, from += 2 * STRIDE, low += STRIDE, high += STRIDE) {
    FOR_VECTORS(v) {
      const vec a = load_vec(from + v * TF_VECTOR_BYTES), b = load_vec(from + STRIDE + v * TF_VECTOR_BYTES);
      store_vec(low + v * TF_VECTOR_BYTES, (a & lower) | (shift_left(b, 8) & ~lower));
      store_vec(high + v * TF_VECTOR_BYTES, (shift_logical(a, 8) & lower) | (b & ~lower));
    }
  }
}

/// What the tiles hold is stored.
static inline void store_tiles(tile_sums before) {
  STORE_TILE(0, before) STORE_TILE(1, before) STORE_TILE(2, before) STORE_TILE(3, before)
}

/// The results of one block for 64 events, from sums to stored words.
INLINE void finish_tiles(const tf_tile_pattern *pattern, int digits, const tf_epilogue *epilogue, tile_sums sums[2],
                         uint8_t *to) {
  const int storage = epilogue->storage;
  // The room of four results.
  const ptrdiff_t step = STRIDE * (storage == TF_U8 ? 1 : storage == TF_S16 ? PAIRS : RESULTS);
  for (size_t row = 0; row < pattern->results; row += RESULTS, to += step) {
    vec sum[RESULTS][VECTORS];
    if (digits == 1) {
      FOR_SUMS(j, v) sum[j][v] = load_vec(sums[0][v][row + (size_t)j]);
    } else {
      FOR_SUMS(j, v) sum[j][v] = load_vec(sums[v / 2][v % 2][row + (size_t)j])
                           + shift_left(load_vec(sums[v / 2][2 + v % 2][row + (size_t)j]), 8);
    }
    finish(to, epilogue, pattern->each ? pattern->each + row : NULL, sum);
  }
}

/// A block of results for 64 events.
typedef struct {
  const tf_tile_pattern *pattern;
  uint8_t *to;
} tile_job;

/// One block after the other for 64 events, then the next 64. A block's sums leave the tiles while the next block's are made.
/// Those of int16 are finished then; those of bytes, of which there are fewer products, while those of the one after that are made: what a
/// tile has just stored is slow to come back.
static void dot_tiles(const tf_tile *tile, const tf_dot *dot) {
  const int digits = dot->digits;
  const size_t high = dot->split_lanes * (size_t)STRIDE;
  const tf_epilogue epilogue = dot->epilogue;
  // The room between keeps loads and stores from looking like the same place of a memory page.
  struct {
    tile_sums sums[2];
    uint8_t gap[5 * CACHE_LINE];
  } slots[2] __attribute__((aligned(CACHE_LINE)));
  tile_job jobs[2] = {{0}};
  configure_tiles(dot->run_lanes);
  size_t event = 0, index = 0;
  fetcher ahead = {0};
  int slot = 0;
  do {
    const int last = !slot;
    const tile_job before = jobs[slot];
    if (event < tile->events) {
      const tf_block *block = &dot->blocks[index];
      const tf_tile_pattern *pattern = &dot->tiles[block->pattern];
      if (index == 0) ahead = fetch_in_steps(tile, event, TF_BLOCK, dot->block_count);
      fetch_some(&ahead);
      if (index == 0 && digits == 2) split_int16(tile, dot, event);
      jobs[slot] = (tile_job){pattern, at(tile, block->out, event)};
      if (digits == 1) {
        multiply_bytes_tiles(pattern, at(tile, block->lane, event), slots[last].sums[0]);
      } else {
        const uint8_t *from = tile->scratch + block->lane * (size_t)STRIDE;
        multiply_int16_tiles(pattern, from, high, slots[last].sums[1]);
        multiply_int16_tiles(pattern, from + 2 * TILE_ROW_BYTES, high, slots[slot].sums[0]);
      }
      if (++index == dot->block_count) index = 0, event += TF_BLOCK;
    } else {
      jobs[slot].pattern = NULL;
      store_tiles(slots[last].sums[digits - 1]);
    }
    const tile_job done = digits == 1 ? before : jobs[last];
    if (done.pattern) finish_tiles(done.pattern, digits, &epilogue, slots[digits == 1 ? slot : last].sums, done.to);
    slot = last;
  } while (jobs[0].pattern || jobs[1].pattern);
  _tile_release();
}

/// Products of tiles with nothing in their way.
static size_t peak_tiles(size_t rounds) {
  configure_tiles(TF_TILE);
  _tile_zero(X_TILE);
  _tile_zero(WEIGHTS_TILE);
  for (size_t round = 0; round < rounds; round++) {
    MULTIPLY_UNSIGNED(0, WEIGHTS_TILE, X_TILE);
    MULTIPLY_UNSIGNED(1, WEIGHTS_TILE, X_TILE);
    MULTIPLY_UNSIGNED(2, WEIGHTS_TILE, X_TILE);
    MULTIPLY_UNSIGNED(3, WEIGHTS_TILE, X_TILE);
  }
  _tile_release();
  return rounds * SUM_TILES * TILE_ROWS * TILE_EVENTS * TILE_ROW_BYTES;
}

#else
static size_t peak_tiles(size_t rounds) {
  (void)rounds;
  return 0;
}
#endif
