// All that is made once per word type. Included once per type and instruction set, with
//   W     the signed word type, WIDTH its bits, U the unsigned type of that width
//   F(f)  the name of function f
// Loops are plain and free of branches so that the compiler vectorizes them over events. Sums and shifts
// go through U: words wrap where the plan knows that the high bits do not matter.

// A loop over events. Rows are the same or disjoint, so that one event's words depend on no other's, which
// the compiler cannot know.
#define EVENTS(I, N) _Pragma("clang loop vectorize(assume_safety)") for (size_t I = 0; I < (N); I++)
// Scratch rows. The room between them keeps rows from starting at the same place of a memory page, where the
// processor would take a load for one from a store just made.
#define SCRATCH(TILE, INDEX) ((W *)(TILE)->scratch + (size_t)(INDEX) * ((TILE)->events + TF_ROW_GAP))

/// A tile of some events from `start` on, whole blocks.
static inline tf_tile F(part_of)(const tf_tile *tile, size_t start, size_t events) {
  const size_t left = tile->valid > start ? tile->valid - start : 0;
  tf_tile part = *tile;
  part.arena = tile->arena + start * tile->lanes * 4;
  part.events = tile->events - start < events ? tile->events - start : events;
  part.valid = left < part.events ? left : part.events;
  return part;
}

#include "rows.h"
#include "operations.h"
#include "outputs.h"

#undef EVENTS
#undef SCRATCH
#undef W
#undef U
#undef WIDTH
#undef F
