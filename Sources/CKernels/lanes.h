// Lanes of the arena, a few vectors of events at a time. docs/kernels.md draws the arena.
#pragma once

#include "ckernels.h"
#include "vectors.h"

// Four results of four vectors take 16 of AVX-512's 32 registers, two vectors 8 of the 16 others have.
#if defined(TF_USE_AVX512)
#define VECTORS 4
#else
#define VECTORS 2
#endif

enum {
  /// Events that are computed together.
  BLOCK_EVENTS = VECTORS * LANES,
  /// Bytes of the processor's unit of memory.
  CACHE_LINE = 64,
  /// The results that are computed together: as many as a lane has bytes.
  RESULTS = TF_DOT_RESULTS,
  /// Those of two, as int16 in one lane each.
  PAIRS = RESULTS / 2,
};

/// Vectors whose sums are made together where the largest so far are kept beside them: with 32 registers half as many, with
/// 16 all, the largest in memory, as each weight is loaded for every one of them.
#if defined(TF_USE_AVX512)
#define POOLED_VECTORS (VECTORS / 2)
#else
#define POOLED_VECTORS VECTORS
#endif

/// Bytes from one lane to the next.
#define STRIDE ((ptrdiff_t)TF_BLOCK * TF_LANE_BYTES)

// Loops over what is computed together: vectors V of events, of results J or pairs of them.
#define FOR_VECTORS(V) UNROLL for (int V = 0; V < VECTORS; V++)
#define FOR_SOME(V, COUNT) UNROLL for (int V = 0; V < (COUNT); V++)
#define FOR_SUMS(J, V) UNROLL for (int J = 0; J < RESULTS; J++) FOR_VECTORS(V)
#define FOR_PAIRS(J, V) UNROLL for (int J = 0; J < PAIRS; J++) FOR_VECTORS(V)

/// A number of events, of which compilers then know that they fill vectors: loops need no remainders.
static inline size_t whole(size_t events) {
  __builtin_assume(events > 0 && events % TF_BLOCK == 0);
  return events;
}

/// Where a lane's events from `event` on are.
INLINE uint8_t *at(const tf_tile *tile, size_t lane, size_t event) {
  return tile->arena + ((event / TF_BLOCK * tile->lanes + lane) * TF_BLOCK + event % TF_BLOCK) * TF_LANE_BYTES;
}

/// What is to be fetched ahead of time in the course of some events: what is left, and how much of it at a time.
typedef struct {
  const uint8_t *from, *end;
  size_t step;
  const uint8_t *room, *room_end;
  size_t room_step;
} fetcher;

/// A share of `bytes` in so many steps, in whole units of memory.
INLINE size_t fetched_at_once(size_t bytes, size_t steps) {
  return (bytes + CACHE_LINE * steps - 1) / (CACHE_LINE * steps) * CACHE_LINE;
}

/// What is to be fetched in the course of `events` events, in so many steps.
INLINE fetcher fetch_in_steps(const tf_tile *tile, size_t event, size_t events, size_t steps) {
  fetcher ahead = {0};
  if (tile->ahead_bytes) {
    ahead.from = tile->ahead + tile->ahead_bytes * event / tile->events;
    ahead.end = tile->ahead + tile->ahead_bytes * (event + events) / tile->events;
    ahead.step = fetched_at_once((size_t)(ahead.end - ahead.from), steps);
  }
  if (tile->room_bytes) {
    ahead.room = tile->room + tile->room_bytes * event / tile->events;
    ahead.room_end = tile->room + tile->room_bytes * (event + events) / tile->events;
    ahead.room_step = fetched_at_once((size_t)(ahead.room_end - ahead.room), steps);
  }
  return ahead;
}

/// Asks for a step's share.
INLINE void fetch_some(fetcher *ahead) {
  for (size_t some = 0; some < ahead->step && ahead->from < ahead->end; some += CACHE_LINE, ahead->from += CACHE_LINE)
    __builtin_prefetch(ahead->from, 0, 2);
  for (size_t some = 0; some < ahead->room_step && ahead->room < ahead->room_end; some += CACHE_LINE, ahead->room += CACHE_LINE)
    __builtin_prefetch(ahead->room, 1);
}
