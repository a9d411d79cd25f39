// All kernels of one instruction set. Included once per set, with TF_TABLE naming the table.

#include "ckernels.h"

// Loops ask to be vectorized; the 128-bit ones, and a few on old instruction sets, cannot be.
#pragma clang diagnostic ignored "-Wpass-failed"

#define W int32_t
#define U uint32_t
#define WIDTH 32
#define F(name) name##_32
#include "rows.h"

#define W int64_t
#define U uint64_t
#define WIDTH 64
#define F(name) name##_64
#include "rows.h"

#define W __int128
#define U unsigned __int128
#define WIDTH 128
#define F(name) name##_128
#include "rows.h"

#define WORD_KERNELS(n) {load_##n, store_##n, region_##n, mac_##n, reduce_##n}

const tf_kernels TF_TABLE = {
    .words32 = WORD_KERNELS(32),
    .words64 = WORD_KERNELS(64),
    .words128 = WORD_KERNELS(128),
};
