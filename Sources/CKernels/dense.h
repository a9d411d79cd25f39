// Dense layers one after the other, from numbers to the last layer's words, by AMX's tiles. What lies between never
// leaves the first-level cache, and no event's words are transposed on the way: a tile of x has events as rows, a tile of
// sums the same events by sixteen results.
//
// Four tiles of sums make a unit. Packed to bytes by `finish`, which puts four sums next to each other into one lane,
// they are a tile of the next layer's x, whichever sums they are: 64 results of sixteen events, or fewer results of
// more events. The order of bytes that comes of it is in the weights (Sources/Emulator/Dense.swift); docs/kernels.md draws it.

#pragma once

#include "inputs.h"
#include "tiles.h"

#if defined(TF_USE_AMX)

enum {
  /// Numbers in a tile's row, as pairs of bfloat16.
  ROW_NUMBERS = 16,
  /// 1.5 · 2^23 as a float: added to a number, it leaves its floor in the lowest bits.
  FLOOR_BITS = 0x4b400000,
  /// Tiles of x that a block of events makes, for every run.
  BLOCK_SETS = TF_BLOCK / TF_TILE,
};

/// Words, of up to sixteen digits, as the sum of two numbers of bfloat16's eight digits: the first one in the higher 16 bits.
INLINE __m512i pairs_of(__m512 words) {
  const __m512i bits = _mm512_castps_si512(words);
  const __m512 first = _mm512_castsi512_ps(_mm512_and_si512(bits, _mm512_set1_epi32(-65536)));
  const __m512i rest = _mm512_srli_epi32(_mm512_castps_si512(_mm512_sub_ps(words, first)), 16);
  return _mm512_mask_mov_epi16(rest, 0xaaaaaaaau, bits);
}

/// A block's numbers on their way to tiles of x.
typedef struct {
  const tf_input *input;
  const float *from;
  size_t valid;
  uint8_t *to;
  /// 16-event rows already there: tiles of x for each run.
  size_t sets;
  int good;
} block_reader;

/// Up to sixteen events' numbers to rows of a tile, if all are in range. Returns whether they are.
INLINE int read_rows(const tf_input *input, const float *from, size_t count, size_t events, uint8_t *rows,
                     __mmask16 columns, int is_full) {
  const __m512 scale = _mm512_set1_ps((float)input->scale);
  // The least word leaves zeros there, so that bits above those of the range tell what is beyond it, or no number at all.
  const __m512i bits = _mm512_set1_epi32(FLOOR_BITS);
  const __m512 floor = _mm512_sub_ps(_mm512_castsi512_ps(bits), _mm512_set1_ps((float)input->low));
  const int digits = 31 - __builtin_clz((unsigned)(input->high - input->low) + 1);
  __m512i beyond = _mm512_setzero_si512();
  for (size_t e = 0; e < events; e++, from += count) {
    const __m512 number = is_full ? _mm512_loadu_ps(from) : _mm512_maskz_loadu_ps(columns, from);
    const __m512 sum = _mm512_fmadd_round_ps(number, scale, floor, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
    // beyond |= sum ^ bits
    beyond = _mm512_ternarylogic_epi32(beyond, _mm512_castps_si512(sum), bits, 0xf6);
    _mm512_store_si512(rows + e * TILE_ROW_BYTES, pairs_of(_mm512_sub_ps(sum, floor)));
  }
  for (size_t e = events; e < TILE_EVENTS; e++) _mm512_store_si512(rows + e * TILE_ROW_BYTES, _mm512_setzero_si512());
  return !_mm512_test_epi32_mask(beyond, _mm512_set1_epi32(-1 << digits));
}

/// The same for numbers that may overflow. Returns whether all could be converted.
static int read_overflowing(const tf_input *input, const float *from, size_t count, size_t events, uint8_t *rows,
                            __mmask16 columns) {
  tf_input words = *input;
  words.storage = TF_S32;
  for (size_t e = 0; e < events; e++, from += count) {
    float kept[ROW_NUMBERS];
    _mm512_storeu_ps(kept, _mm512_maskz_loadu_ps(columns, from));
    const words16 word = words_of_floats(kept, words, TF_TRN);
    if (__builtin_reduce_or(word == INT32_MIN)) return 0;
    _mm512_store_si512(rows + e * TILE_ROW_BYTES, pairs_of(_mm512_cvtepi32_ps((__m512i)in_range(word, words))));
  }
  return 1;
}

/// Reads on until `sets` tiles of sixteen events are there for every run of sixteen numbers, the events' one after the other.
INLINE void read_sets(block_reader *reader, size_t sets) {
  const size_t count = reader->input->count, runs = (count + ROW_NUMBERS - 1) / ROW_NUMBERS;
  for (; reader->sets < sets; reader->sets++) {
    const size_t event = reader->sets * TILE_EVENTS;
    const size_t left = reader->valid <= event ? 0 : reader->valid - event, events = left < TILE_EVENTS ? left : TILE_EVENTS;
    for (size_t run = 0; run < runs; run++) {
      const size_t columns_left = count - run * ROW_NUMBERS;
      const __mmask16 columns = columns_left < ROW_NUMBERS ? (__mmask16)((1u << columns_left) - 1) : 0xffff;
      const float *from = events ? reader->from + event * count + run * ROW_NUMBERS : NULL;
      uint8_t *rows = reader->to + (reader->sets * runs + run) * TILE_BYTES;
      const int fits = events == TILE_EVENTS && columns == 0xffff
                           ? read_rows(reader->input, from, count, TILE_EVENTS, rows, columns, 1)
                           : read_rows(reader->input, from, count, events, rows, columns, 0);
      if (!fits) reader->good &= read_overflowing(reader->input, from, count, events, rows, columns);
    }
  }
}

/// How a unit's sums are finished: in a common way, the first layer's sums being floats, or in any other.
enum { FIRST_TO_EVEN, FIRST_DOWN, TO_EVEN, DOWN, OTHERWISE, NOT_AT_ALL };

/// A unit of a layer, for the block of events at `event`.
typedef struct {
  const tf_dense_layer *layer;
  const tf_dense_unit *unit;
  size_t event;
  int finish;
} dense_job;

/// Where a unit of any layer but the last one goes.
INLINE uint8_t *x_of_next(const tf_tile *tile, const dense_job *job) {
  return tile->scratch + job->layer->to + job->unit->out * TILE_BYTES;
}

INLINE vec round_sums(vec sum, int to_even) {
  return (vec)(to_even ? _mm512_cvt_roundps_epi32((__m512)sum, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC)
                       : _mm512_cvt_roundps_epi32((__m512)sum, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC));
}

/// What finishing in a common way needs.
typedef struct {
  vec less, others, high;
  int shift;
  uint8_t *to;
} common_way;

INLINE common_way common_way_of(const tf_tile *tile, const dense_job *job) {
  const tf_stage *stage = &job->layer->epilogue.first;
  return (common_way){minus_one(), splat_int16(~(1 << stage->shift)), splat_bytes(stage->high), stage->shift,
                      x_of_next(tile, job)};
}

/// Bytes of four rows of events, saturated: what `finish_saturating` comes to where sums are packed first, but for the
/// order of bytes, which is left as packing leaves it.
INLINE void finish_bytes(const common_way *way, tile_sums sums, int quarter, int finish) {
  UNROLL for (int row = 4 * quarter; row < 4 * quarter + 4; row++) {
    vec sum[4], pair[2];
    UNROLL for (int j = 0; j < 4; j++) {
      sum[j] = load_vec(sums[j][row]);
      if (finish == FIRST_TO_EVEN || finish == FIRST_DOWN) sum[j] = round_sums(sum[j], finish == FIRST_TO_EVEN);
    }
    UNROLL for (int j = 0; j < 2; j++) {
      pair[j] = pack_int16(sum[2 * j], sum[2 * j + 1]);
      if (finish == TO_EVEN) pair[j] &= add_int16(pair[j], way->less) | way->others;
      if (finish == TO_EVEN || finish == DOWN) pair[j] = shift_int16_right(pair[j], way->shift);
    }
    const vec8 four = (vec8)pack_uint8(pair[0], pair[1]);
    store_vec(way->to + row * TILE_ROW_BYTES, (vec)__builtin_elementwise_min(four, (vec8)way->high));
  }
}

/// A quarter by any other epilogue: bytes of four rows of events, or, of the last layer, rows of four results.
static void finish_otherwise(const tf_tile *tile, const dense_job *job, tile_sums sums, int quarter) {
  const tf_dense_layer *layer = job->layer;
  const int storage = layer->epilogue.storage, lanes = storage == TF_U8 ? 1 : storage == TF_S16 ? 2 : 4;
  vec sum[RESULTS][VECTORS];
  if (layer->is_last) {
    if (4 * quarter >= (int)job->unit->results) return;
    FOR_VECTORS(v) {
      vec rows[4];
      transpose_sixteen(sums[v][0] + 4 * quarter, TILE_EVENTS, rows);
      UNROLL for (int j = 0; j < 4; j++) sum[j][v] = rows[j];
    }
  } else {
    FOR_SUMS(j, v) sum[j][v] = load_vec(sums[j][4 * quarter + v]);
  }
  if (layer->is_first) FOR_SUMS(j, v) sum[j][v] = round_sums(sum[j][v], layer->rounds_to_even);
  finish(layer->is_last ? at(tile, job->unit->out + (size_t)(quarter * lanes), job->event)
                        : x_of_next(tile, job) + quarter * RESULTS * TILE_ROW_BYTES,
         &layer->epilogue, NULL, sum);
}

static void finish_unit(const tf_tile *tile, const dense_job *job, tile_sums sums) {
  if (job->finish == NOT_AT_ALL) return;
  const common_way way = common_way_of(tile, job);
  for (int quarter = 0; quarter < 4; quarter++) {
    switch (job->finish) {
    case FIRST_TO_EVEN: finish_bytes(&way, sums, quarter, FIRST_TO_EVEN); break;
    case FIRST_DOWN: finish_bytes(&way, sums, quarter, FIRST_DOWN); break;
    case TO_EVEN: finish_bytes(&way, sums, quarter, TO_EVEN); break;
    case DOWN: finish_bytes(&way, sums, quarter, DOWN); break;
    default: finish_otherwise(tile, job, sums, quarter);
    }
  }
}

// One product of a unit, the SUM-th of four, for a RUN of x and weights. In the first run the sums of the unit before are
// stored to BEFORE, and these start. Each tile of x serves 4 / SETS products; weights are loaded for each, or, where there are
// several tiles of x, once for all of them.
#define UNIT_PRODUCT(SUM, SETS, RUN, IS_FIRST, LAYER, UNIT, X, WEIGHTS, BEFORE)                            \
  if (RUN == 0) {                                                                                          \
    START_TILE_OF_ONE_ROW(SUM, BEFORE, (LAYER)->starts + (UNIT)->starts[SUM] * TILE_ROW_BYTES)             \
  }                                                                                                        \
  if (SUM % (SUM_TILES / SETS) == 0) _tile_loadd(X_TILE, X + (UNIT)->x[SUM] * TILE_BYTES, TILE_ROW_BYTES); \
  if (SETS == 1 || SUM < 2)                                                                                \
    _tile_loadd(WEIGHTS_TILE + SUM % 2, WEIGHTS + (UNIT)->weights[SUM] * TILE_BYTES, TILE_ROW_BYTES);      \
  if (IS_FIRST) _tile_dpbf16ps(SUM, X_TILE, WEIGHTS_TILE + SUM % 2);                                       \
  else _tile_dpbusd(SUM, X_TILE, WEIGHTS_TILE + SUM % 2);
// All rows of the tile start from one.
#define START_TILE_OF_ONE_ROW(SUM, BEFORE, STARTS)                                                         \
  STORE_TILE(SUM, BEFORE)                                                                                  \
  _tile_loadd(SUM, STARTS, 0);

/// What is done between products: memory is asked for, and a quarter of the unit `done` is finished.
INLINE void between_products(const tf_tile *tile, const dense_job *done, const common_way *way, tile_sums sums,
                             int quarter, int finish, fetcher *ahead) {
  fetch_some(ahead);
  if (finish < OTHERWISE) finish_bytes(way, sums, quarter, finish);
  if (finish == OTHERWISE) finish_otherwise(tile, done, sums, quarter);
}

/// The products of a unit of `sets` tiles of x. Meanwhile what the tiles hold is stored, and the job before that is
/// finished, a quarter at a time: processors look only so far ahead for work.
INLINE void run_unit(const tf_tile *tile, const dense_job *job, int sets, int is_first, tile_sums before,
                     const dense_job *done, int finish, tile_sums sums, fetcher *ahead) {
  const tf_dense_layer *layer = job->layer;
  const tf_dense_unit *unit = job->unit;
  const uint8_t *x = tile->scratch + layer->x, *weights = layer->weights;
  common_way way;
  if (finish < OTHERWISE) way = common_way_of(tile, done);
  for (size_t run = 0; run < layer->runs; run++, x += TILE_BYTES, weights += TILE_BYTES) {
    UNIT_PRODUCT(0, sets, run, is_first, layer, unit, x, weights, before)
    if (run == 0) between_products(tile, done, &way, sums, 0, finish, ahead);
    UNIT_PRODUCT(1, sets, run, is_first, layer, unit, x, weights, before)
    if (run == 0) between_products(tile, done, &way, sums, 1, finish, ahead);
    UNIT_PRODUCT(2, sets, run, is_first, layer, unit, x, weights, before)
    if (run == 0) between_products(tile, done, &way, sums, 2, finish, ahead);
    UNIT_PRODUCT(3, sets, run, is_first, layer, unit, x, weights, before)
    if (run == 0) between_products(tile, done, &way, sums, 3, finish, ahead);
  }
}

/// The units under way: the last one's sums are in the tiles, those of the one before in memory. The two places change
/// roles with every unit.
typedef struct {
  struct {
    tile_sums sums;
    // Keeps loads and stores from looking like the same place of a memory page.
    uint8_t gap[5 * CACHE_LINE];
  } slots[2] __attribute__((aligned(CACHE_LINE)));
  dense_job jobs[2];
  int slot;
  fetcher ahead;
} dense_jobs;

/// Finishes all units.
static void finish_jobs(const tf_tile *tile, dense_jobs *jobs) {
  const int slot = jobs->slot;
  store_tiles(jobs->slots[!slot].sums);
  finish_unit(tile, &jobs->jobs[slot], jobs->slots[slot].sums);
  finish_unit(tile, &jobs->jobs[!slot], jobs->slots[!slot].sums);
  jobs->jobs[0].finish = jobs->jobs[1].finish = NOT_AT_ALL;
}

/// Runs all of a layer's units for a block of events. What the first layer has read of x makes room for the next block's.
INLINE void run_units(const tf_tile *tile, dense_job job, dense_jobs *jobs, int sets, int is_first, block_reader *reader) {
  for (size_t index = 0; index < job.layer->unit_count; index++) {
    const int slot = jobs->slot;
    // The one before the last, whose place this one takes.
    const dense_job done = jobs->jobs[slot];
    int32_t(*before)[TILE_ROWS][TILE_EVENTS] = jobs->slots[!slot].sums, (*sums)[TILE_ROWS][TILE_EVENTS] = jobs->slots[slot].sums;
    job.unit = &job.layer->units[index];
    jobs->jobs[slot] = job;
    switch (done.finish) {
    case FIRST_TO_EVEN: run_unit(tile, &job, sets, is_first, before, &done, FIRST_TO_EVEN, sums, &jobs->ahead); break;
    case FIRST_DOWN: run_unit(tile, &job, sets, is_first, before, &done, FIRST_DOWN, sums, &jobs->ahead); break;
    case TO_EVEN: run_unit(tile, &job, sets, is_first, before, &done, TO_EVEN, sums, &jobs->ahead); break;
    case DOWN: run_unit(tile, &job, sets, is_first, before, &done, DOWN, sums, &jobs->ahead); break;
    case OTHERWISE: run_unit(tile, &job, sets, is_first, before, &done, OTHERWISE, sums, &jobs->ahead); break;
    default: run_unit(tile, &job, sets, is_first, before, &done, NOT_AT_ALL, sums, &jobs->ahead);
    }
    jobs->slot = !slot;
    if (is_first) read_sets(reader, job.unit->free_sets);
  }
}

static void run_layer(const tf_tile *tile, const tf_dense_layer *layer, size_t event, dense_jobs *jobs,
                      block_reader *reader) {
  // What it reads has to be there.
  const dense_job *under_way = jobs->jobs;
  for (int k = 0; k < 2; k++)
    if (under_way[k].finish != NOT_AT_ALL && under_way[k].layer + 1 == layer) finish_jobs(tile, jobs);
  dense_job job = {.layer = layer, .event = event, .finish = OTHERWISE};
  if (layer->keeps_order && layer->is_first) job.finish = layer->rounds_to_even ? FIRST_TO_EVEN : FIRST_DOWN;
  else if (layer->keeps_order) job.finish = layer->epilogue.first.rounds_to_even ? TO_EVEN : DOWN;
  if (layer->is_first && layer->sets == 1) run_units(tile, job, jobs, 1, 1, reader);
  else if (layer->is_first && layer->sets == 2) run_units(tile, job, jobs, 2, 1, reader);
  else if (layer->is_first) run_units(tile, job, jobs, 4, 1, reader);
  else if (layer->sets == 1) run_units(tile, job, jobs, 1, 0, reader);
  else if (layer->sets == 2) run_units(tile, job, jobs, 2, 0, reader);
  else run_units(tile, job, jobs, 4, 0, reader);
}

static int run_dense(const tf_tile *tile, const tf_dense *dense, const float *from) {
  const size_t blocks = tile->events / TF_BLOCK, layers = dense->layer_count;
  dense_jobs jobs;
  jobs.slot = 0;
  // Two at a time: more than that hold up what misses the first-level cache.
  jobs.ahead = (fetcher){.from = tile->ahead, .end = tile->ahead + tile->ahead_bytes, .step = 2 * CACHE_LINE};
  jobs.jobs[0].finish = jobs.jobs[1].finish = NOT_AT_ALL;
  block_reader reader = {.input = &dense->input, .to = tile->scratch + dense->layers->x, .good = 1};
  configure_tiles(TF_TILE);
  // Every layer is one block behind the one before it. The last goes first: it has read its x when that is overwritten.
  for (size_t step = 0; reader.good && step < blocks + layers; step++) {
    const size_t start = step * TF_BLOCK, left = tile->valid > start ? tile->valid - start : 0;
    reader.from = left ? from + start * dense->input.count : NULL;
    reader.valid = left;
    reader.sets = step < blocks ? 0 : BLOCK_SETS;
    for (size_t layer = layers; layer-- > 0;) {
      if (step > layer && step - layer <= blocks)
        run_layer(tile, &dense->layers[layer], (step - layer - 1) * TF_BLOCK, &jobs, &reader);
    }
    read_sets(&reader, BLOCK_SETS);
  }
  finish_jobs(tile, &jobs);
  _tile_release();
  return reader.good;
}

#else
static int run_dense(const tf_tile *tile, const tf_dense *dense, const float *from) {
  (void)tile, (void)dense, (void)from;
  return 0;
}
#endif
