// The largest or smallest of lanes, element by element.
#pragma once

#include "lanes.h"

// A pooling of vectors of a type, the better of two by BEST.
#define POOL_OF(TILE, POOLING, TYPE, BEST)                                                                 \
  for (size_t event = 0; event < (TILE)->events; event += BLOCK_EVENTS) {                                  \
    for (size_t index = 0; index < (POOLING)->count; index++) {                                            \
      const uint32_t *lanes = (POOLING)->x + index * (POOLING)->length;                                    \
      TYPE best[VECTORS];                                                                                  \
      FOR_VECTORS(v) best[v] = (TYPE)load_vec(at(TILE, lanes[0], event + v * LANES));                      \
      for (size_t k = 1; k < (POOLING)->length; k++) {                                                     \
        const uint8_t *from = at(TILE, lanes[k], event);                                                   \
        FOR_VECTORS(v) best[v] = BEST(best[v], (TYPE)load_vec(from + v * TF_VECTOR_BYTES));                \
      }                                                                                                    \
      FOR_VECTORS(v) store_vec(at(TILE, (POOLING)->out[index], event + v * LANES), (vec)best[v]);          \
    }                                                                                                      \
  }
// The same, of vectors of the type that the elements are stored in.
#define POOL_BY(TILE, POOLING, BEST)                                                                       \
  switch ((POOLING)->storage) {                                                                            \
  case TF_U8: POOL_OF(TILE, POOLING, vec8, BEST) break;                                                    \
  case TF_S16: POOL_OF(TILE, POOLING, vec16, BEST) break;                                                  \
  default: POOL_OF(TILE, POOLING, vec, BEST)                                                               \
  }

static void pool(const tf_tile *tile, const tf_pool *pooling) {
  if (pooling->is_minimum) {
    POOL_BY(tile, pooling, __builtin_elementwise_min)
  } else {
    POOL_BY(tile, pooling, __builtin_elementwise_max)
  }
}

#undef POOL_OF
#undef POOL_BY
