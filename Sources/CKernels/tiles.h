// Dot products with constant weights as products of matrices, by AMX's tiles.
//
// A tile of weights has sixteen results by up to sixteen lanes, a tile of x the same lanes by sixteen events, as they
// lie in the arena; their product adds to sixteen results by sixteen events. Tiles hold bytes: halves of x are taken
// apart into two digits first, each with sums of its own.

#if defined(TF_USE_AMX)

/// Eight tiles of sixteen rows of 64 bytes. 0 to 3 are sums, 4 and 5 x, 6 and 7 weights.
typedef struct {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_config;

/// Tiles for runs of some lanes: no more are read, as lanes beyond may just have been stored to.
static inline void configure_tiles(uint8_t lanes) {
  const uint16_t bytes = 4 * lanes;
  const tile_config config = {
      .palette = 1,
      .row_bytes = {64, 64, 64, 64, 64, 64, bytes, bytes},
      .rows = {16, 16, 16, 16, lanes, lanes, 16, 16},
  };
  _tile_loadconfig(&config);
}

enum {
  TILE_BYTES = 16 * 64,
  /// Events in a tile: those of a vector.
  TILE_EVENTS = LANES,
};

/// A row of sums' starts.
static const int32_t zeros[TILE_EVENTS] __attribute__((aligned(64)));

/// The four tiles of sums: by results by events.
typedef int32_t tile_sums[4][16][TILE_EVENTS];

// Products of words whose lower digits are unsigned and whose highest one is signed.
#define MULTIPLY_UNSIGNED(SUM, W, X) _tile_dpbsud(SUM, W, X)
#define MULTIPLY_SIGNED(SUM, W, X) _tile_dpbssd(SUM, W, X)

// A tile of sums is stored just before it starts anew: by then its last product is done, and the other tiles' products
// are under way. (Stored after its own product, each waits for it: that takes half as long again.)
#define STORE_TILE(SUM) _tile_stored(SUM, before[SUM], 64);
#define START_TILE(SUM) if (run == 0) { STORE_TILE(SUM) _tile_loadd(SUM, pattern->starts, 64); }
// Zeros are loaded like other starts: a product right after a zeroed tile waits for all products before it.
#define ZERO_TILE(SUM) if (run == 0) { STORE_TILE(SUM) _tile_loadd(SUM, zeros, 0); }
#define LOAD_X(TILE, FROM, VECTOR) _tile_loadd(TILE, (FROM) + (VECTOR) * TILE_EVENTS * 4, TF_BLOCK * 4);
#define EACH_RUN                                                                                           \
  const int8_t *weights = pattern->weights;                                                                \
  for (size_t run = 0; run < pattern->runs; run++, weights += TILE_BYTES)
#define X_OF_RUN const uint8_t *x = from + pattern->lanes[run] * TF_BLOCK * 4;

/// Bytes: 64 events. Before that, what the tiles hold is stored.
static inline void multiply_bytes_tiles(const tf_tile_pattern *pattern, const uint8_t *from, tile_sums before) {
  EACH_RUN {
    X_OF_RUN
    _tile_loadd(6, weights, 64);
    LOAD_X(4, x, 0) START_TILE(0) MULTIPLY_UNSIGNED(0, 6, 4);
    LOAD_X(5, x, 1) START_TILE(1) MULTIPLY_UNSIGNED(1, 6, 5);
    LOAD_X(4, x, 2) START_TILE(2) MULTIPLY_UNSIGNED(2, 6, 4);
    LOAD_X(5, x, 3) START_TILE(3) MULTIPLY_UNSIGNED(3, 6, 5);
  }
}

/// Halves: 32 events, the higher digits `high` bytes after the lower ones; sums 0 and 1 are the lower digits'. Before that,
/// what the tiles hold is stored.
static inline void multiply_halves_tiles(const tf_tile_pattern *pattern, const uint8_t *from, size_t high, tile_sums before) {
  EACH_RUN {
    X_OF_RUN
    _tile_loadd(6, weights, 64);
    LOAD_X(4, x, 0) START_TILE(0) MULTIPLY_UNSIGNED(0, 6, 4);
    LOAD_X(5, x, 1) START_TILE(1) MULTIPLY_UNSIGNED(1, 6, 5);
    LOAD_X(4, x + high, 0) ZERO_TILE(2) MULTIPLY_SIGNED(2, 6, 4);
    LOAD_X(5, x + high, 1) ZERO_TILE(3) MULTIPLY_SIGNED(3, 6, 5);
  }
}

/// Takes a block's halves apart: four lower digits to a lane, of elements 0, 2, 1 and 3 of two lanes, and after all of
/// those four higher ones.
static void split_halves(const tf_tile *tile, const tf_dot *dot, size_t event) {
  const vec lower = splat(0x00ff00ff);
  const uint8_t *from = at(tile, dot->split_lane, event);
  uint8_t *low = tile->scratch, *high = low + dot->split_lanes * (size_t)STRIDE;
  for (size_t lane = 0; lane < dot->split_lanes; lane++, from += 2 * STRIDE, low += STRIDE, high += STRIDE) {
    UNROLL for (int v = 0; v < VECTORS; v++) {
      const vec a = load_vec(from + v * TF_VECTOR_BYTES), b = load_vec(from + STRIDE + v * TF_VECTOR_BYTES);
      store_vec(low + v * TF_VECTOR_BYTES, (a & lower) | (shift_left(b, 8) & ~lower));
      store_vec(high + v * TF_VECTOR_BYTES, (shift_logical(a, 8) & lower) | (b & ~lower));
    }
  }
}

/// What the tiles hold is stored.
static inline void store_tiles(tile_sums before) {
  STORE_TILE(0) STORE_TILE(1) STORE_TILE(2) STORE_TILE(3)
}

/// The results of one block for 64 events, from sums to stored words.
INLINE void finish_tiles(const tf_tile_pattern *pattern, int digits, const tf_epilogue *epilogue, tile_sums sums[2],
                         uint8_t *to) {
  const int storage = epilogue->storage;
  // The room of four results.
  const ptrdiff_t step = STRIDE * (storage == TF_U8 ? 1 : storage == TF_S16 ? 2 : 4);
  for (size_t row = 0; row < pattern->results; row += 4, to += step) {
    vec sum[4][VECTORS];
    if (digits == 1) {
      EACH_SUM sum[j][v] = load_vec(sums[0][v][row + (size_t)j]);
    } else {
      EACH_SUM sum[j][v] = load_vec(sums[v / 2][v % 2][row + (size_t)j])
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
/// Halves' are finished then; bytes', of which there are fewer products, while those of the one after that are made: what a
/// tile has just stored is slow to come back.
static void dot_tiles(const tf_tile *tile, const tf_dot *dot) {
  const int digits = dot->digits;
  const size_t high = dot->split_lanes * (size_t)STRIDE;
  const tf_epilogue epilogue = dot->epilogue;
  // The room between keeps loads and stores from looking like the same place of a memory page.
  struct {
    tile_sums sums[2];
    uint8_t gap[5 * 64];
  } turns[2] __attribute__((aligned(64)));
  tile_job jobs[2] = {{0}};
  configure_tiles(dot->run_lanes);
  size_t event = 0, index = 0;
  int turn = 0;
  do {
    const int last = !turn;
    const tile_job before = jobs[turn];
    if (event < tile->events) {
      const tf_block *block = &dot->blocks[index];
      const tf_tile_pattern *pattern = &dot->tiles[block->pattern];
      if (index == 0) fetch_ahead(tile, event, TF_BLOCK);
      if (index == 0 && digits == 2) split_halves(tile, dot, event);
      jobs[turn] = (tile_job){pattern, at(tile, block->out, event)};
      if (digits == 1) {
        multiply_bytes_tiles(pattern, at(tile, block->lane, event), turns[last].sums[0]);
      } else {
        const uint8_t *from = tile->scratch + block->lane * (size_t)STRIDE;
        multiply_halves_tiles(pattern, from, high, turns[last].sums[1]);
        multiply_halves_tiles(pattern, from + 2 * TILE_EVENTS * 4, high, turns[turn].sums[0]);
      }
      if (++index == dot->block_count) index = 0, event += TF_BLOCK;
    } else {
      jobs[turn].pattern = NULL;
      store_tiles(turns[last].sums[digits - 1]);
    }
    const tile_job done = digits == 1 ? before : jobs[last];
    if (done.pattern) finish_tiles(done.pattern, digits, &epilogue, turns[digits == 1 ? turn : last].sums, done.to);
    turn = last;
  } while (jobs[0].pattern || jobs[1].pattern);
  _tile_release();
}

/// Products of tiles with nothing in their way.
static size_t peak_tiles(size_t rounds) {
  configure_tiles(16);
  _tile_zero(4);
  _tile_zero(6);
  for (size_t round = 0; round < rounds; round++) {
    MULTIPLY_UNSIGNED(0, 6, 4);
    MULTIPLY_UNSIGNED(1, 6, 4);
    MULTIPLY_UNSIGNED(2, 6, 4);
    MULTIPLY_UNSIGNED(3, 6, 4);
  }
  _tile_release();
  return rounds * 4 * 16 * 16 * 64;
}

#else
static size_t peak_tiles(size_t rounds) {
  (void)rounds;
  return 0;
}
#endif
