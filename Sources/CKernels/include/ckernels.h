// The emulator's inner loops. C, because these loops are compiled several times for several instruction
// sets and chosen at run time, which Swift cannot do; everything that decides anything is in Swift
// (Sources/Emulator), which writes the plans these loops follow.
//
// A tile is a run of `events` events. Every tensor element is a row: its words for the events of the tile,
// next to each other. Rows live in the tile's arena, packed into 32-bit lanes, one lane per event: four
// 8-bit, two 16-bit or one 32-bit element per lane; 64- and 128-bit elements take two and four lanes' room.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A 128-bit two's complement integer (Swift does not import __int128).
typedef struct {
  uint64_t low;
  int64_t high;
} tf_wide;

/// How a row's words are stored.
enum {
  TF_U8 = 0,
  TF_S16 = 1,
  TF_S32 = 2,
  TF_S64 = 3,
  TF_S128 = 4,
  /// Not stored: the same word, `constants[lane]`, for every event.
  TF_CONSTANT = 5,
};

/// Where a row is and what its words mean: word = (stored << shift) + offset.
typedef struct {
  /// The row starts at byte `lane · 4 · events` of the arena.
  uint32_t lane;
  int32_t offset;
  uint8_t storage;
  /// Which of the lane's four bytes or two halves.
  uint8_t position;
  uint8_t shift;
} tf_row;

/// One tile's memory.
typedef struct {
  uint8_t *arena;
  /// Room for a kernel's own rows.
  uint8_t *scratch;
  const tf_wide *constants;
  /// Events in the tile: a multiple of 64.
  size_t events;
  /// Of those, the first `valid` are real; the rest are padding, computed and thrown away.
  size_t valid;
  /// Overflow counters, or NULL.
  int64_t *counters;
} tf_tile;

/// Rounding, in FixedPoint.Rounding's order.
enum { TF_TRN, TF_TRN_ZERO, TF_RND, TF_RND_ZERO, TF_RND_INF, TF_RND_MIN_INF, TF_RND_CONV };

/// Overflow. Saturation to a symmetric range is TF_SAT with its own `low`.
enum { TF_WRAP, TF_SAT, TF_SAT_ZERO };

/// A planned conversion: shift right with rounding or left, then overflow.
typedef struct {
  tf_wide low, high;
  /// For left shifts: the words whose shifted value is still in range.
  tf_wide shift_low, shift_high;
  uint8_t right, left;
  uint8_t rounding, overflow;
  /// Whether any word can overflow.
  uint8_t check;
  uint8_t width, is_signed;
  /// The counter its overflows go to.
  int32_t counter;
} tf_conversion;

/// Operations of an elementwise region, on row registers.
enum {
  TF_LOAD, TF_STORE, TF_CONVERT, TF_ADD, TF_SUBTRACT, TF_MULTIPLY, TF_MAXIMUM, TF_MINIMUM, TF_DIVIDE,
  TF_LESS, TF_LESS_OR_EQUAL, TF_EQUAL, TF_GREATER_OR_EQUAL, TF_GREATER, TF_LOOKUP,
};

/// One operation: target = op(source…), sources shifted left first.
typedef struct {
  uint8_t code;
  uint8_t target;
  uint8_t source[4];
  uint8_t shift[4];
  /// Runs for the first element only: its rows are the same constant for all.
  uint8_t once;
  /// LOAD, STORE: the first of `count` rows. CONVERT: the conversion. LOOKUP: the table.
  uint32_t index;
} tf_op;

/// A lookup table.
typedef struct {
  const tf_wide *words;
  /// The same words as 32-bit integers, or NULL if they do not fit.
  const int32_t *narrow;
  size_t count;
} tf_table;

/// Elementwise operations run over `count` elements.
typedef struct {
  const tf_op *ops;
  size_t op_count;
  const tf_row *rows;
  const tf_conversion *conversions;
  const tf_table *tables;
  size_t count;
} tf_region;

/// Sums of products, term by term, every product and partial sum converted.
typedef struct {
  /// [positions, depth]
  const tf_row *x;
  /// [positions / shared, columns, depth]: the second tensor of a contraction; NULL: `weights` count.
  const tf_row *y;
  /// [groups, columns, depth]; a position's group is its index modulo `groups`.
  const tf_wide *weights;
  /// [groups, columns], already words of the accumulator.
  const tf_wide *bias;
  /// [positions, columns]
  const tf_row *out;
  /// The order of the terms.
  const uint32_t *order;
  size_t positions, columns, depth, groups, shared;
  /// Applied to each product if `convert_product`.
  tf_conversion product;
  /// Applied to each partial sum if `convert_sum`, else once at the end if `convert_last`.
  tf_conversion sum;
  /// Left shifts that align the accumulator and the term before they are added.
  uint8_t sum_shift, term_shift;
  uint8_t convert_product, convert_sum, convert_last;
} tf_mac;

/// How a reduction combines.
enum { TF_REDUCE_SUM, TF_REDUCE_MAXIMUM, TF_REDUCE_MINIMUM, TF_REDUCE_ARGMAX };

/// Reductions of `length` rows to one, `count` times.
typedef struct {
  /// [count, length]
  const tf_row *x;
  const tf_row *out;
  size_t count, length;
  uint8_t kind;
  /// For sums: pairs (i, j), term i += term j, `length` − 1 of them; the result is term 0.
  const uint32_t *schedule;
  tf_conversion term, sum;
} tf_reduction;

/// The kernels for one width of computation.
typedef struct {
  void (*load)(const tf_tile *tile, const tf_row *row, void *target);
  void (*store)(const tf_tile *tile, const tf_row *row, const void *source);
  void (*region)(const tf_tile *tile, const tf_region *region);
  void (*mac)(const tf_tile *tile, const tf_mac *mac);
  void (*reduce)(const tf_tile *tile, const tf_reduction *reduction);
} tf_word_kernels;

/// The kernels of one instruction set.
typedef struct {
  /// For 32-, 64- and 128-bit words.
  tf_word_kernels words32, words64, words128;
} tf_kernels;

/// Instruction sets, weakest first.
enum { TF_BASELINE, TF_AVX2, TF_AVX512, TF_INSTRUCTION_SETS };

/// The kernels of an instruction set, or NULL where this machine does not have it.
const tf_kernels *tf_kernels_for(int instruction_set);
