// The emulator's inner loops. C, because these loops are compiled several times for several instruction
// sets and chosen at run time, which Swift cannot do; everything that decides anything is in Swift
// (Sources/Emulator), which writes the plans these loops follow.
//
// A tile is a run of `events` events, in blocks of 64. Its arena holds the blocks one after the other, and a
// block holds lanes: 32 bits for each of the 64 events, next to each other. Tensor elements are packed into
// lanes, four 8-bit, two 16-bit or one 32-bit element to a lane; 64- and 128-bit elements take the room of two
// and four lanes. So what a dot product reads for some events is close together, whatever the tile's length.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// A 128-bit two's complement integer (Swift does not import __int128).
typedef struct {
  uint64_t low;
  int64_t high;
} tf_wide;

/// Events in a block, and the bytes a lane has for each.
enum { TF_BLOCK = 64, TF_LANE_BYTES = 4 };

/// Of AMX's tiles: rows, and lanes in a row; tiles of sums that are made together.
enum { TF_TILE = 16, TF_UNIT_SUMS = 4 };

/// Results of a dot product's block: they share what they read of x.
enum { TF_DOT_RESULTS = 4 };

/// Words between one scratch row and the next.
enum { TF_ROW_GAP = 16 };

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
  uint32_t lane;
  int32_t offset;
  uint8_t storage;
  /// Which of the lane's four bytes or two int16.
  uint8_t position;
  uint8_t shift;
} tf_row;

/// One tile's memory.
typedef struct {
  uint8_t *arena;
  /// Lanes in a block.
  size_t lanes;
  /// Room for a kernel's own rows.
  uint8_t *scratch;
  const tf_wide *constants;
  /// Events in the tile: a multiple of 64.
  size_t events;
  /// Of those, the first `valid` are real; the rest are padding, computed and thrown away.
  size_t valid;
  /// Overflow counters, or NULL.
  int64_t *counters;
  /// Memory that the tiles after this one will read: dot products ask for it little by little, as only so many
  /// requests can be under way.
  const uint8_t *ahead;
  size_t ahead_bytes;
  /// Memory that this tile's results will be written to, asked for in the same way.
  const uint8_t *room;
  size_t room_bytes;
} tf_tile;

/// Rounding, in FixedPoint.Rounding's order.
enum { TF_TRN, TF_TRN_ZERO, TF_RND, TF_RND_ZERO, TF_RND_INF, TF_RND_MIN_INF, TF_RND_CONV };

/// Overflow. Saturation to a symmetric range is TF_SAT with its own `low`. The rare ones: a wrap whose upper bits saturate,
/// and the sign-magnitude wrap, whose upper bits may.
enum { TF_WRAP, TF_SAT, TF_SAT_ZERO, TF_WRAP_PARTLY, TF_WRAP_MAGNITUDE };

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
  /// A left shift of the converted word, which loses nothing: words of several formats are stored as words of one.
  uint8_t up;
  /// Whether every word becomes 0 and nothing else counts.
  uint8_t is_zero;
  /// How many of the upper bits saturate, for the rare overflows.
  uint8_t saturated;
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
  /// Runs for the first element only: its rows are the same for all.
  uint8_t once;
  /// CONVERT, LOOKUP: `index` is the first element's conversion or table, and each of the others has the next one.
  uint8_t each;
  /// LOAD, STORE: the first of `count` rows. CONVERT, SCALE: the conversion. LOOKUP: the table.
  uint32_t index;
} tf_op;

/// A lookup table.
typedef struct {
  const tf_wide *words;
  /// The same words as 32-bit integers, or NULL if they do not fit.
  const int32_t *narrow;
  /// TF_SHORT_TABLE of them as int16, the last one repeated, if they are as few and fit; or NULL.
  const int16_t *int16s;
  size_t count;
} tf_table;

/// The words of a table that fits registers.
enum { TF_SHORT_TABLE = 256 };

/// Elementwise operations run over `count` elements.
typedef struct {
  const tf_op *ops;
  size_t op_count;
  const tf_row *rows;
  const tf_conversion *conversions;
  const tf_table *tables;
  size_t count;
} tf_region;

/// Operations on rows of lanes: on int16, two to a lane, modulo 2^16, and on words of 32 bits, modulo 2^32.
enum {
  TF_PAIR_COPY, TF_PAIR_ADD, TF_PAIR_SUBTRACT, TF_PAIR_MAXIMUM, TF_PAIR_MINIMUM, TF_PAIR_AND,
  /// The larger one of a + b and c.
  TF_PAIR_ADD_MAXIMUM,
  /// Shifts by `count`, from 0 to 15. Those to the right copy the sign; the second one rounds toward zero, the last one takes words
  /// to be without a sign.
  TF_PAIR_LEFT, TF_PAIR_RIGHT, TF_PAIR_TOWARD_ZERO, TF_PAIR_RIGHT_BITS,
  /// (a · b) >> count and (a · b + c · d) >> count, from 0 to 16: products and sums of 32 bits and more.
  TF_PAIR_MULTIPLY, TF_PAIR_SUM,
  /// The word of a table at ((a + b) >> count) + c, rounded toward zero if `toward_zero`. Indices beyond the ends are taken as
  /// the ends. The second one: the word at a, which is known to be the place of one.
  TF_PAIR_LOOKUP, TF_PAIR_LOOKUP_AT,
  /// The word at |d|, d = (a + b) >> count rounded alike, or the end where that is beyond it; c less that word where d < 0.
  TF_PAIR_LOOKUP_ODD,
  /// The first and the second int16 of every lane as 32 bits; the same without signs.
  TF_PAIR_LOWER, TF_PAIR_UPPER, TF_PAIR_LOWER_BITS, TF_PAIR_UPPER_BITS,
  /// Lanes of the low 16 bits of a and b, a's first, and of the high ones.
  TF_PAIR_JOIN, TF_PAIR_JOIN_UPPER,
  /// The int16 nearest to (a · c + b · c' + d) >> count: c and c' are the two int16 of c's lane, d is of 32 bits, and so is the sum;
  /// count from 0 to 31.
  TF_PAIR_LINE,
  /// The int16 nearest to the product, rounded to nearest, of words of 32 bits: a · c >> count for the first one of a pair, b · d
  /// for the second one; 32768 less if `is_less`. Count from 1 to 31.
  TF_PAIR_PRODUCTS,
  /// Words of 32 bits; shifts from 0 to 31.
  TF_WIDE_ADD, TF_WIDE_SUBTRACT, TF_WIDE_MAXIMUM, TF_WIDE_MINIMUM, TF_WIDE_LEFT, TF_WIDE_RIGHT,
  /// (a · b) >> count of 64 bits, and the same rounded to nearest, halves up; count from 0 to 31, in the second from 1 on.
  TF_WIDE_MULTIPLY, TF_WIDE_MULTIPLY_ROUND,
  /// a + b + c + d.
  TF_WIDE_SUM,
  /// a − ((a · (c − b) + d) >> count), where b is the first int16 of a lane, or the second one: nothing in brackets has a sign.
  TF_WIDE_LESS_LOWER, TF_WIDE_LESS_UPPER,
  /// (a · b) >> count of 32 bits; count from 0 to 31.
  TF_WIDE_PRODUCT,
  /// The word of a table at a, which is known to be the place of one.
  TF_WIDE_LOOKUP,
  /// (v + ((w · rest) >> inner) + b) >> right: v and w are the two words of a table at a >> count, rest is the bits below; nothing
  /// leaves 32 bits. a is known to be the place of two words.
  TF_WIDE_LINE,
  /// Words of 32 bits of p = a − b, which has 16 bits without a sign, in two rows, the second one in the place of the fourth
  /// source: x − ((x · y + c) >> right), all without a sign. Of x the first table has the low 16 bits at p >> count and the second one
  /// those above, its end counting for what is beyond; y is the third one's word, at the bits of p below `count`. Count from 1 to 15.
  TF_WIDE_TABLES,
};

/// One operation: the target, then the sources; those that it has not are one that it has. A place ≥ 0 is a constant or, behind
/// those, a scratch row, ~place a list of lanes.
typedef struct {
  int32_t places[5];
  uint8_t code, count, table, toward_zero, is_less, inner, right;
} tf_pair_op;

/// A table of int16.
typedef struct {
  /// The words, as 32-bit integers: `count` of them.
  const int32_t *words;
  size_t count;
  /// For sets that look up in registers: as int16, the last one repeated to `blocks` times 64, blocks a power of 2 up to 16; NULL:
  /// they are too many.
  const int16_t *int16s;
  uint8_t blocks;
  /// Whether `int16s` has two words in one: the first one times 16, and what the second one is more.
  uint8_t is_halved;
} tf_pair_table;

enum { TF_CONSTANT_LANES = 16 };

/// Elementwise operations on lanes as they lie in the arena: runs of `width` lanes, `chunks` times.
typedef struct {
  const tf_pair_op *ops;
  size_t op_count;
  /// The first lane of every run, by list and chunk.
  const uint32_t *lanes;
  const tf_pair_table *tables;
  /// TF_CONSTANT_LANES lanes of each constant, as many as the longest vector has.
  const int32_t *constants;
  size_t constant_count;
  size_t width, chunks;
} tf_pairs;

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
  /// Whether all factors fit 32 bits.
  uint8_t is_narrow;
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

/// How the products of a dot product are made and added. Words enter in lanes of 4 bytes or 2 int16, a lane
/// meeting a lane of weights.
enum {
  /// sum += four products of an unsigned and a signed byte, modulo 2^32.
  TF_DOT_BYTES,
  /// sum += two products of int16, modulo 2^32.
  TF_DOT_INT16,
  /// Each product is floored: sum += (x · weight) >> 16, modulo 2^16.
  TF_DOT_HIGH,
  /// Each product of int16 is rounded, perhaps saturated, added, the sum perhaps saturated, in 32 bits. One int16 of
  /// every weight lane is zero.
  TF_DOT_STEPS,
  /// What DOT_BYTES and DOT_INT16 compute, sixteen results at a time as a product of matrices; weights are
  /// bytes.
  TF_DOT_TILES,
};

/// Ways from sums to stored words.
enum {
  /// 32-bit words all the way.
  TF_FINISH_WORDS,
  /// No wrap, bytes or int16 stored: packed with saturation after the shift, clamped as int16.
  TF_FINISH_SATURATING,
  /// A wrap to 16 bits, bytes or int16 stored: packed, which drops what the wrap does, the rest as int16.
  TF_FINISH_WRAPPING,
  /// Every result in its own way: `tf_finish`, 32-bit words until they are stored.
  TF_FINISH_EACH,
  /// Every result in its own way, bytes or int16 stored: shifted in 32 bits, the rest as pairs of int16.
  TF_FINISH_PAIRS,
};

/// clamp((x + add) >> shift).
typedef struct {
  int32_t add, shift, low, high;
  /// With half a step in `add`: ties go to even.
  uint8_t rounds_to_even;
} tf_stage;

/// From the sum of a dot product to a stored word: first stage (whose `add` is in the sums' starts already),
/// wrap, second stage.
typedef struct {
  tf_stage first, second;
  /// Whether there are a wrap and a second stage.
  uint8_t wraps;
  /// The wrap keeps 32 − `wrap_shift` bits.
  uint8_t wrap_shift, wrap_signed;
  /// TF_U8, TF_S16 or TF_S32.
  uint8_t storage;
  /// A shorter way that comes to the same: TF_FINISH_…
  uint8_t finish;
  /// TF_FINISH_SATURATING: whether sums may be packed to int16 before they are shifted.
  uint8_t packs_first;
  /// TF_FINISH_EACH: whether any result's ties go to even, and whether any result is moved. `wraps` says whether any wraps.
  uint8_t converges, moves;
  /// TF_FINISH_PAIRS: which of `tf_finish.pair` change any result.
  uint8_t raises, lowers, masks, flips, adds;
  /// TF_FINISH_PAIRS: no result is shifted right by more than 16, so that it may be rotated: bits that come in from the other
  /// end are among those that its mask drops.
  uint8_t rotates;
} tf_epilogue;

/// From a sum to a stored word by formats of its own: first stage (whose `add` is in the sum's start already), wrap, second
/// stage, a shift left that loses nothing, an addition.
typedef struct {
  tf_stage first, second;
  /// The wrap keeps 32 − `wrap_shift` bits as a signed word, and of those `wrap_mask`.
  int32_t wrap_shift, wrap_mask;
  int32_t up, add;
  /// TF_FINISH_PAIRS: the sum is shifted left by this, or right if it is negative, and of that the low 16 bits count.
  int32_t shift;
  /// The same: what is done to pairs of int16, a result in the lower half and one in the upper: ((clamped & mask) ^ flip) + add.
  /// Of four results the first has those of results 0 and 1 (0 and 2, where bytes are stored), the second the others'.
  struct {
    int32_t low, high, mask, flip, add;
  } pair;
} tf_finish;

/// The most parts weights are split in.
enum { TF_MOST_PARTS = 3 };

/// What four results read, relative to a lane: the same for every position of a convolution.
typedef struct {
  /// Lanes to read, relative to the block's.
  const int32_t *lanes;
  /// [groups, parts, 4], the weights' highest parts first; then one for each group of one result.
  const int32_t *weights;
  /// How many groups are of all four results.
  size_t groups;
  /// Weights in several parts: the groups that have weights of each are among those from its begin to its end.
  uint32_t part_begins[TF_MOST_PARTS], part_ends[TF_MOST_PARTS];
  /// Groups of one result each, behind the others: counted from the first of them, those of result j end before
  /// `result_ends[j]`, where the next one's begin. None where bytes are added in int16, nor where weights are in parts.
  uint32_t result_ends[TF_DOT_RESULTS];
  /// DOT_BYTES: of how many groups in a row, counted from the first, the products of two neighbouring bytes may be added in
  /// int16: at least one. Sets with instructions that add four products in 32 bits need not look.
  size_t int16_groups;
  /// DOT_HIGH only: lanes whose weights exceed what the product's high 16 bits can hold, and by how much in
  /// steps of it: sum += x · weight in int16. Those of result j end before `whole_ends[j]`, where the next one's begin.
  const int32_t *whole_lanes;
  const int32_t *whole_weights;
  uint32_t whole_ends[TF_DOT_RESULTS];
  /// What the sums start from, highest parts first.
  int32_t start[TF_MOST_PARTS][TF_DOT_RESULTS];
  /// TF_FINISH_EACH: the four results' ways.
  const tf_finish *each;
} tf_pattern;

/// What sixteen results read, for DOT_TILES: up to sixteen lanes at a time, with weights for all of them.
typedef struct {
  /// The first of the lanes of every run, relative to the block's.
  const int32_t *lanes;
  /// [runs, 16 results, 16 lanes of 4 bytes].
  const int8_t *weights;
  /// At least one.
  size_t runs;
  /// How many results there are.
  size_t results;
  /// What the sums start from: [16 results, 16 times].
  const int32_t *starts;
  /// TF_FINISH_EACH: the sixteen results' ways.
  const tf_finish *each;
} tf_tile_pattern;

/// Four results next to each other; sixteen for DOT_TILES.
typedef struct {
  uint32_t pattern;
  /// The lane the pattern's are relative to.
  uint32_t lane;
  /// The lane of the first result.
  uint32_t out;
} tf_block;

/// Many dot products with constant weights.
typedef struct {
  const tf_pattern *patterns;
  /// DOT_TILES: its patterns.
  const tf_tile_pattern *tiles;
  const tf_block *blocks;
  size_t block_count;
  /// If not 0: of so many blocks, one after the other, the largest sums are finished, and stored where the first one says.
  /// DOT_BYTES and DOT_INT16 in one part alone, without a wrap and with one way for all results. `block_count` counts those runs.
  size_t pooled;
  tf_epilogue epilogue;
  uint8_t kind;
  /// Where weights are in several parts: how many, and the bits of all but the highest one. A sum is then
  /// (highest << …) + … + lowest; `joins` says whether only what is above the lower parts' bits is wanted.
  uint8_t parts, split, joins;
  /// DOT_TILES: 1 for bytes, 2 for int16; and how many lanes a run has.
  uint8_t digits, run_lanes;
  /// DOT_TILES of int16: they are taken apart in scratch memory, two lanes of the arena from this one on to a lane of four
  /// digits, elements 0, 2, 1 and 3. Blocks' and patterns' lanes are those. Scratch: two digits of them and sixteen more.
  uint32_t split_lane, split_lanes;
  /// DOT_STEPS: the right shift, its rounding, the wrap of products; how products and sums saturate: TF_SAT,
  /// TF_SAT_ZERO or 0, not at all.
  uint8_t step_shift, step_rounding, step_wrap, step_wrap_signed, step_clamps, step_saturates;
  int32_t term_low, term_high, sum_low, sum_high;
} tf_dot;

/// Positions of a contraction that are computed together, at the most.
enum { TF_CONTRACT_POSITIONS = 4 };

/// Two elements that are multiplied together: their lanes, and which of a lane's int16 they are.
typedef struct {
  uint32_t lanes[2];
  uint8_t positions[2];
  /// Whether there is no second one.
  uint8_t is_single;
} tf_pair;

/// Dot products of two tensors of int16: x and y, less offsets.
typedef struct {
  /// [groups, positions, depth]
  const tf_pair *x;
  /// [groups, columns, depth]
  const tf_pair *y;
  /// [groups, positions, columns / 4]: the lane of the first of four results.
  const uint32_t *out;
  /// `depth` is of pairs; `columns` a multiple of 4.
  size_t groups, positions, columns, depth;
  /// Parts of y, the highest first, and the bits of the lower one, which counts without a sign: of its sum the higher one's gets
  /// what is above those bits.
  uint8_t parts, split;
  int32_t start[2];
  /// x is what is stored and this.
  int32_t x_offset;
  /// One way for all, without rounding to even where there are two parts.
  tf_epilogue epilogue;
} tf_contract;

/// The largest or smallest of `length` lanes, element by element within the lane, `count` times.
typedef struct {
  /// [count, length]
  const uint32_t *x;
  const uint32_t *out;
  size_t count, length;
  /// TF_U8, TF_S16 or TF_S32.
  uint8_t storage;
  uint8_t is_minimum;
} tf_pool;

/// Bits of a table's index at most: a tree has up to 2^16 leaves.
enum { TF_TREE_BITS = 16 };

/// The first planes (a plane is a bit of every event): all 0, all 1, then the answers to the questions.
enum { TF_TREE_NO, TF_TREE_YES, TF_TREE_FIRST };

/// A question: x < bound, or x = bound.
typedef struct {
  uint32_t feature;
  int32_t bound;
} tf_tree_question;

/// Makes the next plane: where `question` is 1 what `yes` is, elsewhere what `no` is. All are planes.
typedef struct {
  uint32_t question, yes, no;
} tf_tree_mux;

/// A table whose index is in planes, and whose entry is added to a sum: the leaves of a tree, or of some small ones together.
typedef struct {
  /// The planes of the index's bits, the lowest first.
  uint32_t planes[TF_TREE_BITS];
  uint32_t output;
  uint8_t bits;
  /// The 2^bits entries; of int16, where those hold them all, padded to 32 at least.
  const int16_t *narrow;
  const int32_t *wide;
} tf_tree_table;

/// Some trees: their multiplexers, whose planes are behind those of the questions, then their tables.
typedef struct {
  uint32_t first_mux, muxes, first_table, tables;
} tf_tree_batch;

/// Sums of what trees of selections give.
typedef struct {
  /// The features.
  const tf_row *x;
  size_t features;
  /// First those of x < bound, then those of x = bound.
  const tf_tree_question *questions;
  size_t below_count, question_count;
  const tf_tree_mux *muxes;
  const tf_tree_table *tables;
  const tf_tree_batch *batches;
  size_t batch_count;
  /// Planes there are at a time.
  size_t planes;
  const tf_row *out;
  size_t outputs;
  /// What the sums start from.
  const int32_t *starts;
  /// Whether features and bounds are int16; whether all tables are, and have at most 8 bits.
  uint8_t is_narrow, is_short;
  /// The sums wrap at their end and keep 32 − `wrap_shift` bits; 0: they do not.
  uint8_t wrap_shift, wrap_signed;
} tf_trees;

/// The types of numbers that enter and leave.
enum { TF_FLOAT32, TF_FLOAT64, TF_INT64 };

/// What words of an input are converted to, each element in its own way:
/// (((clamp((word + add) >> right, low, high) & mask) ^ flip) − flip) << up) − offset.
enum {
  TF_OWN_ADD, TF_OWN_RIGHT, TF_OWN_LOW, TF_OWN_HIGH, TF_OWN_MASK, TF_OWN_FLIP, TF_OWN_UP, TF_OWN_OFFSET, TF_OWN_PARTS,
  /// Elements whose parts are next to each other.
  TF_OWN_ELEMENTS = 16,
};

/// How numbers become an input's stored words.
typedef struct {
  /// 2^fractionBits.
  double scale;
  /// Numbers per event.
  size_t count;
  /// What values are rounded and clamped to.
  int32_t low, high;
  /// The lane of the first element, and how elements are stored.
  uint32_t lane;
  int32_t offset;
  uint8_t storage;
  uint8_t rounding, overflow, width, is_signed;
  /// Where words are converted once more before they are stored: of every sixteen elements, TF_OWN_PARTS times sixteen integers;
  /// else NULL.
  const int32_t *own;
  /// Whether any element is clamped; and whether what elements keep is the same if words do not overflow before.
  uint8_t own_clamps, own_wraps;
  /// If not 0: words are taken apart into digits, stored as TF_U8. Their low bytes come first, elements 0, 2, 1 and 3 to a lane.
  /// Then, for each of those lanes where `high_lanes` says so, there is one of what is above: so many bits, the uppermost of a
  /// byte. At most TF_SPLIT_LANES lanes of low bytes.
  uint8_t high_bits;
  const uint8_t *high_lanes;
  /// For each lane of low bytes: which byte of the digits above is copied to all four, or 4: they are left as they are.
  const uint8_t *high_copies;
} tf_input;

enum { TF_SPLIT_LANES = 16 };

/// Four tiles of sums of a dense layer for a block of events, made and finished together. Tiles are counted.
typedef struct {
  /// The first tiles of x (of sixteen events) and of weights; those of later runs follow.
  uint32_t x[TF_UNIT_SUMS], weights[TF_UNIT_SUMS];
  /// What the sums start from.
  uint32_t starts[TF_UNIT_SUMS];
  /// The tile of the next layer's x that is written; for the last layer the lane of the first result.
  uint32_t out;
  /// The last layer's: how many results, the same of four times sixteen events.
  uint32_t results;
  /// How many of the first tiles of sixteen events no later unit reads.
  uint32_t free_sets;
} tf_dense_unit;

/// A dense layer, from tiles of x to those of the next one.
typedef struct {
  /// Bytes, for four bytes of x by sixteen results by row; of the first layer, bfloat16s for two.
  const uint8_t *weights;
  /// Sixteen 32-bit integers each; of the first layer, floats.
  const uint8_t *starts;
  const tf_dense_unit *units;
  size_t unit_count;
  /// Tiles of x whose products add up.
  size_t runs;
  /// Where in scratch memory tiles of x are, and those of the next layer.
  size_t x, to;
  /// The first layer's sums have a fraction, which is rounded (to even, or down) in place of the first stage's shift.
  tf_epilogue epilogue;
  uint8_t is_first, is_last, rounds_to_even;
  /// How many tiles of x a unit has, 1, 2 or 4: the sums' are next to each other, and those of all tiles have the same
  /// weights.
  uint8_t sets;
  /// Whether bytes may stay in the order packing leaves them in.
  uint8_t keeps_order;
} tf_dense_layer;

/// Dense layers from an input's numbers on, one after the other. The first one's sums, in floats, are exact.
typedef struct {
  /// Truncated; its words have at most sixteen digits.
  tf_input input;
  const tf_dense_layer *layers;
  size_t layer_count;
} tf_dense;

/// How a result's words become numbers.
typedef struct {
  const tf_row *rows;
  size_t count;
  /// 2^−fractionBits.
  double scale;
} tf_output;

/// The kernels for one width of computation.
typedef struct {
  void (*load)(const tf_tile *tile, const tf_row *row, void *target);
  void (*store)(const tf_tile *tile, const tf_row *row, const void *source);
  void (*region)(const tf_tile *tile, const tf_region *region);
  void (*mac)(const tf_tile *tile, const tf_mac *mac);
  void (*reduce)(const tf_tile *tile, const tf_reduction *reduction);
  /// Writes the valid events' words as numbers of type `element`, event by event.
  void (*write)(const tf_tile *tile, const tf_output *output, int element, void *target);
} tf_word_kernels;

/// The kernels of one instruction set.
typedef struct {
  /// For 32-, 64- and 128-bit words.
  tf_word_kernels words32, words64, words128;
  void (*dot)(const tf_tile *tile, const tf_dot *dot);
  void (*pool)(const tf_tile *tile, const tf_pool *pool);
  /// Scratch: lanes of a block, for `columns` times depth + 1 in every part and for TF_CONTRACT_POSITIONS times `depth`.
  void (*contraction)(const tf_tile *tile, const tf_contract *contract);
  /// Scratch: lanes of a block, `width` and a cache line for each of the rows that operations name.
  void (*pairs)(const tf_tile *tile, const tf_pairs *pairs);
  /// Scratch: per event a word of 32 bits for each feature and each sum, and one more, and a bit for each plane.
  void (*trees)(const tf_tile *tile, const tf_trees *trees);
  /// Converts the valid events' numbers of type `element`, event by event. Returns 0, the words then
  /// meaningless, if a number is too large, too small or not a number at all.
  int (*read)(const tf_tile *tile, const tf_input *input, int element, const void *source);
  /// Runs dense layers on the valid events' float32 numbers. Returns 0, nothing of worth done, where `read` would, or
  /// where there are no such products. Scratch: as the layers say.
  int (*dense)(const tf_tile *tile, const tf_dense *dense, const float *source);
  /// Runs independent products of a kind (TF_DOT_BYTES, TF_DOT_INT16 or TF_DOT_TILES), for a measure of what the
  /// machine can do; returns how many multiplications that was, 0 where there are no such products.
  size_t (*peak)(int kind, size_t rounds);
} tf_kernels;

/// Instruction sets, weakest first: those of x86-64, then those of arm64.
enum {
  TF_BASELINE, TF_AVX2, TF_AVX_VNNI, TF_AVX512_BW, TF_AVX512, TF_AMX, TF_DOTPROD, TF_I8MM, TF_INSTRUCTION_SETS,
};

/// The kernels of an instruction set, or NULL where this machine does not have it.
const tf_kernels *tf_kernels_for(int instruction_set);
