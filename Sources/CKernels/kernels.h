// All kernels of one instruction set. Included once per set, with TF_TABLE naming the table. docs/kernels.md says how to
// change them.

#include "ckernels.h"

// Loops ask to be vectorized; the 128-bit ones, and a few on old instruction sets, cannot be.
#pragma clang diagnostic ignored "-Wpass-failed"
// Vectors longer than the machine's are passed between functions that are always inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#include "contracts.h"
#include "dense.h"
#include "dots.h"
#include "inputs.h"
#include "lanes.h"
#include "pairs.h"
#include "pool.h"
#include "tables.h"
#include "tiles.h"
#include "transpose.h"

#define W int32_t
#define U uint32_t
#define WIDTH 32
#define F(name) name##_32
#include "words.h"

#define W int64_t
#define U uint64_t
#define WIDTH 64
#define F(name) name##_64
#include "words.h"

#define W __int128
#define U unsigned __int128
#define WIDTH 128
#define F(name) name##_128
#include "words.h"

#include "trees.h"

ALIGNED_STACK void dot(const tf_tile *tile, const tf_dot *dot) {
  switch (dot->kind) {
  case TF_DOT_BYTES: (dot->parts > 1 ? dot_split_bytes_kernel : dot_bytes_kernel)(tile, dot); break;
  case TF_DOT_INT16: (dot->parts > 1 ? dot_split_int16_kernel : dot_int16_kernel)(tile, dot); break;
  case TF_DOT_HIGH: dot_high_kernel(tile, dot); break;
#if defined(TF_USE_AMX)
  case TF_DOT_TILES: dot_tiles(tile, dot); break;
#endif
  default: dot_steps_kernel(tile, dot);
  }
}

static size_t peak(int kind, size_t rounds) {
  return kind == TF_DOT_TILES ? peak_tiles(rounds) : peak_dots(kind, rounds);
}

#define WORD_KERNELS(N) {load_##N, store_##N, region_##N, mac_##N, reduce_##N, write_##N}

const tf_kernels TF_TABLE = {
    .words32 = WORD_KERNELS(32),
    .words64 = WORD_KERNELS(64),
    .words128 = WORD_KERNELS(128),
    .dot = dot,
    .pool = pool,
    .contraction = contract,
    .pairs = pairs,
    .trees = trees,
    .peak = peak,
    .read = read_input,
    .dense = run_dense,
};
