// Every kernel, in every way it can be asked to work, on pseudo-random words that are the same on every machine.
//
// What a call leaves behind is reported as a hash, a line to a call: two instruction sets, or two architectures, agree
// if their lines do. What the words ought to be is not known here. The kernels of x86-64 are held against sides that
// are independent of them (the reference interpreter, hls4ml's vectors) by the tests of the emulator and of
// conformance; that is what makes it mean something to equal them.
//
// Calls keep to what plans promise (ckernels.h): beyond it instruction sets may differ, and do.

// open_memstream.
#define _GNU_SOURCE
#include "kerneltestsupport.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ckernels.h"

typedef __int128 wide;

enum {
  EVENTS = 2 * TF_BLOCK,
  VALID = EVENTS - 27,
  /// Lanes that are read, and after them those that are written.
  INPUTS = 64,
  LANES = 128,
  ARENA_WORDS = EVENTS * LANES,
  SCRATCH_BYTES = 1 << 17,
  COUNTERS = 4,
  /// The first few are positive.
  CONSTANTS = 12,
  DIVISORS = 4,
  /// For kernels that write elsewhere than to the arena.
  ROOM_BYTES = EVENTS * 20 * 8,
};

typedef struct {
  const tf_kernels *kernels;
  int instruction_set;
  FILE *out;
  /// Where the pseudo-random numbers are.
  uint64_t state;
  tf_tile tile;
  int64_t counters[COUNTERS];
  tf_wide constants[CONSTANTS];
  /// ROOM_BYTES.
  uint8_t *room;
  char name[160];
  uint64_t before;
  /// One call of so many is reported.
  int every;
  int calls;
} reporter;

/// Whether the call under way is one of those that are reported.
static int is_reported(const reporter *r) { return r->calls % r->every == 0; }

static uint64_t next(reporter *r) {
  // A Weyl sequence whose numbers are mixed by two rounds of shift and multiplication.
  uint64_t z = r->state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93;
  z = (z ^ (z >> 32)) * 0xd6e8feb86659fd93;
  return z ^ (z >> 32);
}

/// low ≤ … ≤ high
static int32_t between(reporter *r, int32_t low, int32_t high) {
  return (int32_t)(low + (int64_t)(next(r) % (uint64_t)((int64_t)high - low + 1)));
}

static int flip(reporter *r) { return next(r) & 1; }

/// 64 bits; a quarter of them made of bytes at which something overflows or changes its sign.
static uint64_t bits(reporter *r) {
  static const uint8_t ends[] = {0x00, 0x00, 0x01, 0x7f, 0x80, 0x80, 0xff, 0xff};
  const uint64_t random = next(r);
  if (random % 4) return next(r);
  uint64_t word = 0;
  for (int i = 0; i < 8; i++) word = word << 8 | ends[(random >> (8 + 3 * i)) % 8];
  return word;
}

static tf_wide to_wide(wide value) { return (tf_wide){(uint64_t)value, (int64_t)(value >> 64)}; }

static tf_wide wide_bits(reporter *r) {
  const uint64_t low = bits(r);
  return (tf_wide){low, (int64_t)bits(r)};
}

static uint64_t mixed(uint64_t hash, uint32_t word) {
  // One word that differs is always seen: each step can be undone.
  hash = (hash ^ word) * 0x9e3779b97f4a7c15;
  return hash ^ (hash >> 32);
}

/// All that a kernel may have changed. Events beyond `events` are left out.
static uint64_t hash(const reporter *r, size_t events) {
  uint64_t h = 1;
  const uint32_t *words = (const uint32_t *)r->tile.arena;
  for (size_t i = 0; i < ARENA_WORDS; i++) {
    if (i / (LANES * TF_BLOCK) * TF_BLOCK + i % TF_BLOCK < events) h = mixed(h, words[i]);
  }
  for (size_t i = 0; i < COUNTERS; i++) h = mixed(h, (uint32_t)r->counters[i]);
  for (size_t i = 0; i < ROOM_BYTES / 4; i++) h = mixed(h, ((const uint32_t *)r->room)[i]);
  return h;
}

/// Everything as it is before a call of this name.
__attribute__((format(printf, 2, 3))) static void begin(reporter *r, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(r->name, sizeof r->name, format, arguments);
  va_end(arguments);
  r->state = 0;
  for (const char *c = r->name; *c; c++) r->state = mixed(r->state, (uint8_t)*c);
  r->calls++;
  // The call is made all the same, on what is there: filling and hashing is what takes the time.
  if (!is_reported(r)) return;
  for (size_t i = 0; i < ARENA_WORDS / 2; i++) ((uint64_t *)r->tile.arena)[i] = bits(r);
  for (int i = 0; i < CONSTANTS; i++) r->constants[i] = wide_bits(r);
  for (int i = 0; i < DIVISORS; i++) r->constants[i] = to_wide(between(r, 1, 1 << (3 + 7 * i)));
  memset(r->counters, 0, sizeof r->counters);
  memset(r->tile.scratch, 0x5a, SCRATCH_BYTES);
  memset(r->room, 0xa5, ROOM_BYTES);
  r->tile.counters = NULL;
  r->before = hash(r, EVENTS);
}

static void end(reporter *r) {
  if (!is_reported(r)) return;
  const uint64_t after = hash(r, EVENTS);
  // A call that does nothing would agree with every other.
  if (after == r->before) fprintf(r->out, "%s: nothing was written\n", r->name);
  else fprintf(r->out, "%s: %016llx\n", r->name, (unsigned long long)after);
}

static const char *const rounding_names[] = {"TRN", "TRN_ZERO", "RND", "RND_ZERO", "RND_INF", "RND_MIN_INF",
                                             "RND_CONV"};
static const char *const overflow_names[] = {"WRAP", "SAT", "SAT_ZERO", "WRAP in part", "WRAP_SM"};
static const char *const storage_names[] = {"U8", "S16", "S32", "S64", "S128", "constant"};
static const char *const element_names[] = {"float32", "float64", "int64"};
// Inputs know the first three overflows only.
enum { ROUNDINGS = 7, OVERFLOWS = 5, INPUT_OVERFLOWS = 3 };

// Rows

/// A row of some storage among the inputs.
static tf_row source_row(reporter *r, int storage) {
  static const int room[] = {1, 1, 1, 2, 4};
  tf_row row = {.storage = (uint8_t)storage};
  if (storage == TF_CONSTANT) {
    row.lane = (uint32_t)between(r, DIVISORS, CONSTANTS - 1);
    return row;
  }
  row.lane = (uint32_t)between(r, 0, INPUTS - room[storage]);
  if (storage == TF_U8) row.position = (uint8_t)between(r, 0, 3);
  if (storage == TF_S16) row.position = (uint8_t)between(r, 0, 1);
  // Words must stay within those that are computed with.
  if (storage <= TF_S16) {
    row.shift = (uint8_t)between(r, 0, 8);
    row.offset = flip(r) ? between(r, -(1 << 20), 1 << 20) : 0;
  }
  return row;
}

static int word_storage(int width) { return width == 32 ? TF_S32 : width == 64 ? TF_S64 : TF_S128; }

/// A row of any storage that words of some width may have; most often the widest.
static tf_row any_row(reporter *r, int width) {
  const int widest = word_storage(width), pick = between(r, 0, widest + 4);
  return source_row(r, pick < widest ? pick : pick == widest + 4 ? TF_CONSTANT : widest);
}

/// The row that all bits of the result of this number are written to.
static tf_row result_row(int index, int width) {
  return (tf_row){.lane = (uint32_t)(INPUTS + index * (width / 32)), .storage = (uint8_t)word_storage(width)};
}

static const tf_word_kernels *words_of(const reporter *r, int width) {
  return width == 32 ? &r->kernels->words32 : width == 64 ? &r->kernels->words64 : &r->kernels->words128;
}

static void loads_and_stores(reporter *r, int width) {
  for (int storage = TF_U8; storage <= TF_CONSTANT; storage++) {
    for (int position = 0; position < (storage == TF_U8 ? 4 : storage == TF_S16 ? 2 : 1); position++) {
      begin(r, "load %s, position %d, in %d bits", storage_names[storage], position, width);
      tf_row row = source_row(r, storage);
      row.position = (uint8_t)position;
      words_of(r, width)->load(&r->tile, &row, r->room);
      end(r);
      if (storage == TF_CONSTANT) continue;
      for (int moves = 0; moves < 2; moves++) {
        begin(r, "store %s, position %d, in %d bits%s", storage_names[storage], position, width,
              moves ? ", moved" : "");
        row = source_row(r, storage);
        row.position = (uint8_t)position;
        row.lane = INPUTS + 8;
        row.shift = (uint8_t)(moves ? between(r, 0, 9) : 0);
        row.offset = 0;
        for (size_t i = 0; i < ROOM_BYTES / 8; i++) ((uint64_t *)r->room)[i] = bits(r);
        if (moves) {
          // The word less the offset must stay within those that are computed with.
          row.offset = between(r, -(1 << 20), 1 << 20);
          for (size_t i = 0; i < ROOM_BYTES / 4; i++) {
            int32_t *word = (int32_t *)r->room + i;
            if (i % ((size_t)width / 32) == (size_t)width / 32 - 1) *word >>= 2;
          }
        }
        words_of(r, width)->store(&r->tile, &row, r->room);
        end(r);
      }
    }
  }
}

// Regions

static tf_conversion conversion(reporter *r, int width, int rounding, int overflow) {
  tf_conversion c = {.rounding = (uint8_t)rounding, .overflow = (uint8_t)overflow, .check = 1};
  c.is_signed = (uint8_t)flip(r);
  c.width = (uint8_t)between(r, 2, flip(r) ? 9 : width - 2);
  c.counter = between(r, 0, COUNTERS - 1);
  if (overflow >= TF_WRAP_PARTLY) c.saturated = (uint8_t)between(r, overflow == TF_WRAP_PARTLY, c.width < 3 ? c.width : 3);
  const wide top = (wide)1 << (c.width - c.is_signed);
  c.low = to_wide(c.is_signed ? -top : 0);
  c.high = to_wide(top - 1);
  return c;
}

static tf_conversion right_conversion(reporter *r, int width, int rounding, int overflow) {
  tf_conversion c = conversion(r, width, rounding, overflow);
  // Few bits dropped make many ties.
  c.right = (uint8_t)between(r, 1, flip(r) ? 3 : width - 3);
  return c;
}

static tf_conversion left_conversion(reporter *r, int width, int overflow) {
  tf_conversion c = conversion(r, width, TF_TRN, overflow);
  c.left = (uint8_t)between(r, 1, width / 2);
  const wide top = (wide)1 << (c.width - c.is_signed);
  // The words v with low ≤ v · 2^left ≤ high.
  c.shift_low = to_wide(c.is_signed ? -(top >> c.left) : 0);
  c.shift_high = to_wide((top - 1) >> c.left);
  return c;
}

enum { ELEMENTS = 5, SOURCES = 4 };

/// `op` of four registers that are loaded, its target stored.
static void region(reporter *r, int width, tf_op op, tf_row rows[SOURCES + 1][ELEMENTS],
                   const tf_conversion *conversions, const tf_table *tables) {
  tf_op ops[SOURCES + 2];
  for (int i = 0; i < SOURCES; i++) {
    ops[i] = (tf_op){.code = TF_LOAD, .target = (uint8_t)i, .index = (uint32_t)(i * ELEMENTS)};
    op.source[i] = (uint8_t)i;
  }
  ops[SOURCES - 1].once = (uint8_t)flip(r);
  // Also over one of its sources.
  op.target = flip(r) ? SOURCES : 0;
  ops[SOURCES] = op;
  ops[SOURCES + 1] = (tf_op){.code = TF_STORE, .source = {op.target}, .index = SOURCES * ELEMENTS};
  const tf_region region = {.ops = ops, .op_count = SOURCES + 2, .rows = rows[0], .conversions = conversions,
                            .tables = tables, .count = ELEMENTS};
  words_of(r, width)->region(&r->tile, &region);
  end(r);
}

static void fill_rows(reporter *r, int width, tf_row rows[SOURCES + 1][ELEMENTS]) {
  for (int element = 0; element < ELEMENTS; element++) {
    for (int i = 0; i < SOURCES; i++) rows[i][element] = any_row(r, width);
    rows[SOURCES][element] = result_row(element, width);
  }
}

static void regions(reporter *r, int width) {
  static const char *const names[] = {
      "load", "store", "convert", "add", "subtract", "multiply", "maximum", "minimum", "divide",
      "less", "less or equal", "equal", "greater or equal", "greater", "lookup"};
  tf_row rows[SOURCES + 1][ELEMENTS];
  for (int code = TF_ADD; code < TF_LOOKUP; code++) {
    for (int draw = 0; draw < 4; draw++) {
      begin(r, "region: %s in %d bits, %d", names[code], width, draw);
      fill_rows(r, width, rows);
      tf_op op = {.code = (uint8_t)code};
      for (int i = 0; i < SOURCES && draw % 2; i++) op.shift[i] = (uint8_t)between(r, 0, width / 4);
      if (code >= TF_LESS) {
        // Words that are equal, which others hardly ever are.
        op.shift[1] = op.shift[0];
        for (int element = ELEMENTS / 2; element < ELEMENTS; element++) rows[1][element] = rows[0][element];
      }
      if (code == TF_DIVIDE) {
        for (int element = 0; element < ELEMENTS; element++)
          rows[1][element] = (tf_row){.lane = (uint32_t)between(r, 0, DIVISORS - 1), .storage = TF_CONSTANT};
      }
      region(r, width, op, rows, NULL, NULL);
    }
  }
  const tf_op convert = {.code = TF_CONVERT};
  for (int rounding = 0; rounding < ROUNDINGS; rounding++) {
    for (int overflow = 0; overflow < OVERFLOWS; overflow++) {
      for (int draw = 0; draw < 5; draw++) {
        begin(r, "region: convert by %s, %s in %d bits, %d", rounding_names[rounding], overflow_names[overflow], width,
              draw);
        fill_rows(r, width, rows);
        tf_conversion c = right_conversion(r, width, rounding, overflow);
        if (draw == 4) c.right = 0;
        c.check = draw > 0;
        r->tile.counters = draw % 2 ? r->counters : NULL;
        region(r, width, convert, rows, &c, NULL);
      }
    }
  }
  for (int overflow = 0; overflow < OVERFLOWS; overflow++) {
    for (int draw = 0; draw < 5; draw++) {
      begin(r, "region: convert to the left, %s in %d bits, %d", overflow_names[overflow], width, draw);
      fill_rows(r, width, rows);
      tf_conversion c = left_conversion(r, width, overflow);
      c.check = draw > 0;
      r->tile.counters = draw % 2 ? r->counters : NULL;
      region(r, width, convert, rows, &c, NULL);
    }
  }
  for (int draw = 0; draw < 6; draw++) {
    begin(r, "region: convert each its own way in %d bits, %d", width, draw);
    fill_rows(r, width, rows);
    tf_conversion each[ELEMENTS];
    for (int element = 0; element < ELEMENTS; element++) {
      const int rounding = between(r, 0, ROUNDINGS - 1), overflow = between(r, 0, OVERFLOWS - 1);
      each[element] = flip(r) ? right_conversion(r, width, rounding, overflow) : left_conversion(r, width, overflow);
      each[element].up = (uint8_t)between(r, 0, width / 4);
      each[element].is_zero = between(r, 0, 4) == 0;
    }
    tf_op own = convert;
    own.each = 1;
    region(r, width, own, rows, each, NULL);
  }
  for (int draw = 0; draw < 4; draw++) {
    static const char *const kinds[] = {"few int16", "narrow", "wide", "int16"};
    begin(r, "region: lookup in %d bits, %s", width, kinds[draw]);
    const int is_short = draw == 0 || draw == 3;
    fill_rows(r, width, rows);
    tf_wide words[300];
    int32_t narrow[300];
    int16_t int16s[TF_SHORT_TABLE];
    const int count = draw == 0 ? 100 : is_short ? 250 : 300;
    for (int i = 0; i < count; i++) {
      words[i] = draw == 2 ? wide_bits(r) : to_wide(is_short ? (int16_t)bits(r) : (int32_t)bits(r));
      narrow[i] = (int32_t)words[i].low;
    }
    for (int i = 0; i < TF_SHORT_TABLE; i++) int16s[i] = (int16_t)narrow[i < count ? i : count - 1];
    const tf_table table = {.words = words, .narrow = draw == 2 ? NULL : narrow, .int16s = is_short ? int16s : NULL,
                            .count = (size_t)count};
    // Indices beyond both ends.
    for (int element = 0; element < ELEMENTS; element++) {
      rows[0][element] = source_row(r, TF_U8);
      rows[0][element].shift = draw == 0 ? 0 : 1;
      rows[0][element].offset = -50;
    }
    region(r, width, (tf_op){.code = TF_LOOKUP}, rows, NULL, &table);
  }
}

// Sums and reductions

static void macs(reporter *r, int width) {
  enum { POSITIONS = 4, COLUMNS = 3, DEPTH = 5, GROUPS = 2, SHARED = 2, RESULTS = POSITIONS * COLUMNS };
  for (int index = 0; index < 48; index++) {
    const int constant = index % 2, convert_product = index / 2 % 2;
    const int convert_sum = index / 4 % 3, moves = index / 12 % 2;
    begin(r, "sum of products with %s%s%s%s in %d bits, %d", constant ? "weights" : "words",
          convert_product ? ", products converted" : "",
          convert_sum == 2 ? ", last sum converted" : convert_sum ? ", sums converted" : "", moves ? ", aligned" : "",
          width, index / 24);
    tf_row x[POSITIONS * DEPTH], y[POSITIONS / SHARED * COLUMNS * DEPTH], out[RESULTS];
    tf_wide weights[GROUPS * COLUMNS * DEPTH], bias[GROUPS * COLUMNS];
    for (int i = 0; i < POSITIONS * DEPTH; i++) x[i] = any_row(r, width);
    for (int i = 0; i < POSITIONS / SHARED * COLUMNS * DEPTH; i++) y[i] = any_row(r, width);
    for (int i = 0; i < GROUPS * COLUMNS * DEPTH; i++) weights[i] = between(r, 0, 4) ? wide_bits(r) : to_wide(0);
    for (int i = 0; i < GROUPS * COLUMNS; i++) bias[i] = wide_bits(r);
    // Words of 128 bits: four lanes each, of which there are enough for as many results.
    for (int i = 0; i < RESULTS; i++) out[i] = result_row(i, width);
    const uint32_t order[DEPTH] = {3, 0, 4, 1, 2};
    const tf_mac mac = {
        .x = x, .y = constant ? NULL : y, .weights = constant ? weights : NULL, .bias = flip(r) ? bias : NULL,
        .out = out, .order = order, .positions = POSITIONS, .columns = COLUMNS, .depth = DEPTH, .groups = GROUPS,
        .shared = SHARED,
        .product = flip(r) ? left_conversion(r, width, between(r, 0, OVERFLOWS - 1))
                           : right_conversion(r, width, between(r, 0, ROUNDINGS - 1), between(r, 0, OVERFLOWS - 1)),
        .sum = right_conversion(r, width, between(r, 0, ROUNDINGS - 1), between(r, 0, OVERFLOWS - 1)),
        .sum_shift = (uint8_t)(moves ? between(r, 0, 5) : 0), .term_shift = (uint8_t)(moves ? between(r, 0, 5) : 0),
        .convert_product = (uint8_t)convert_product, .convert_sum = convert_sum == 1, .convert_last = convert_sum == 2,
    };
    r->tile.counters = flip(r) ? r->counters : NULL;
    words_of(r, width)->mac(&r->tile, &mac);
    end(r);
  }
}

static void reductions(reporter *r, int width) {
  static const char *const names[] = {"sum", "maximum", "minimum", "argmax"};
  enum { COUNT = 4, LENGTH = 6 };
  for (int kind = TF_REDUCE_SUM; kind <= TF_REDUCE_ARGMAX; kind++) {
    for (int draw = 0; draw < 4; draw++) {
      begin(r, "reduction: %s in %d bits, %d", names[kind], width, draw);
      tf_row x[COUNT * LENGTH], out[COUNT];
      for (int i = 0; i < COUNT * LENGTH; i++) x[i] = any_row(r, width);
      for (int i = 0; i < COUNT; i++) out[i] = result_row(i, width);
      const uint32_t schedule[2 * (LENGTH - 1)] = {0, 1, 2, 3, 4, 5, 0, 2, 0, 4};
      const tf_reduction reduction = {
          .x = x, .out = out, .count = COUNT, .length = LENGTH, .kind = (uint8_t)kind, .schedule = schedule,
          .term = draw % 2 ? left_conversion(r, width, between(r, 0, OVERFLOWS - 1))
                           : right_conversion(r, width, between(r, 0, ROUNDINGS - 1), between(r, 0, OVERFLOWS - 1)),
          .sum = right_conversion(r, width, between(r, 0, ROUNDINGS - 1), between(r, 0, OVERFLOWS - 1)),
      };
      r->tile.counters = flip(r) ? r->counters : NULL;
      words_of(r, width)->reduce(&r->tile, &reduction);
      end(r);
    }
  }
}

static void pools(reporter *r) {
  enum { COUNT = 6, LONGEST = 9 };
  for (int storage = TF_U8; storage <= TF_S32; storage++) {
    for (int length = 1; length <= LONGEST; length += 4) {
      for (int is_minimum = 0; is_minimum < 2; is_minimum++) {
        begin(r, "pool: %s of %d %s", is_minimum ? "minimum" : "maximum", length, storage_names[storage]);
        uint32_t x[COUNT * LONGEST], out[COUNT];
        for (int i = 0; i < COUNT * length; i++) x[i] = (uint32_t)between(r, 0, INPUTS - 1);
        for (int i = 0; i < COUNT; i++) out[i] = (uint32_t)(INPUTS + i);
        const tf_pool pool = {.x = x, .out = out, .count = COUNT, .length = (size_t)length,
                              .storage = (uint8_t)storage, .is_minimum = (uint8_t)is_minimum};
        r->kernels->pool(&r->tile, &pool);
        end(r);
      }
    }
  }
}

// Rows of pairs

static void pairs(reporter *r) {
  enum { WIDTH = 3, CHUNKS = 2, SOURCES = 4, LONGEST = 3000 };
  static const char *const names[] = {
      "copy", "add", "subtract", "maximum", "minimum", "and", "add and maximum", "left", "right", "toward zero", "right without signs",
      "multiply", "sum", "lookup", "lookup in range", "lookup by distance", "lower", "upper", "lower without signs", "upper without signs",
      "join", "join upper", "line", "products", "wide add", "wide subtract", "wide maximum", "wide minimum", "wide left",
      "wide right", "wide multiply", "wide multiply and round", "wide sum", "less of lower", "less of upper", "wide product",
      "wide lookup", "wide line"};
  // Tables that fit two to thirty-two registers, once with two words in one, and one that does not; of 32 words AVX2 has them in
  // registers, too.
  static const int lengths[] = {2, 20, 32, 33, 60, 128, 129, 256, 500, 1000, 1024, 1030, 2048, LONGEST};
  int32_t words[LONGEST];
  int16_t int16s[LONGEST];
  for (int code = TF_PAIR_COPY; code <= TF_WIDE_LINE; code++) {
    const int is_lookup = code == TF_PAIR_LOOKUP || code == TF_PAIR_LOOKUP_AT || code == TF_PAIR_LOOKUP_ODD;
    const int draws = is_lookup ? 2 * (int)(sizeof lengths / sizeof *lengths) : 6;
    for (int draw = 0; draw < draws; draw++) {
      begin(r, "pairs: %s, %d", names[code], draw);
      uint32_t lanes[(SOURCES + 1) * CHUNKS];
      for (int i = 0; i < SOURCES * CHUNKS; i++) lanes[i] = (uint32_t)between(r, 0, INPUTS - WIDTH);
      for (int i = 0; i < CHUNKS; i++) lanes[SOURCES * CHUNKS + i] = (uint32_t)(INPUTS + i * WIDTH);
      const int is_wide = code >= TF_PAIR_LINE, sums = code == TF_PAIR_MULTIPLY || code == TF_PAIR_SUM;
      const int least = code == TF_WIDE_MULTIPLY_ROUND || code == TF_PAIR_PRODUCTS ? 1 : 0;
      const int most = is_wide ? 31 : sums ? 16 : 15;
      tf_pair_op op = {.code = (uint8_t)code, .toward_zero = (uint8_t)(draw % 2), .is_less = (uint8_t)(draw % 2)};
      op.count = (uint8_t)(draw == 0 ? least : draw == 1 ? most : between(r, least, most));
      tf_pair_table table = {.words = words};
      int32_t mask = 0;
      if (is_lookup) {
        const int length = lengths[draw / 2], halves = draw % 2;
        op.count = (uint8_t)(draw % 3 ? between(r, 0, 6) : 0);
        table.count = (size_t)length;
        while (2 * mask + 1 < length) mask = 2 * mask + 1;
        for (int i = 0; i < length; i++) words[i] = (int16_t)bits(r) >> (halves ? 4 : 0);
        for (int i = 1; i < length && halves; i += 2) words[i] = words[i - 1] + between(r, 0, 15);
        table.is_halved = (uint8_t)halves;
        const int entries = halves ? (length + 1) / 2 : length;
        int blocks = 1;
        while (64 * blocks < entries) blocks *= 2;
        for (int i = 0; i < 64 * blocks && blocks <= 16; i++) {
          const int at = i < entries ? i : entries - 1;
          const int second = 2 * at + 1 < length ? 2 * at + 1 : length - 1;
          int16s[i] = (int16_t)(halves ? words[2 * at] * 16 + words[second] - words[2 * at] : words[at]);
        }
        table.int16s = blocks <= 16 ? int16s : NULL, table.blocks = (uint8_t)(blocks <= 16 ? blocks : 0);
      }
      if (code == TF_WIDE_LOOKUP || code == TF_WIDE_LINE) {
        // One word, or two, at any place below 1,024.
        for (int i = 0; i < 2048; i++) words[i] = (int16_t)bits(r);
        const int rest = code == TF_WIDE_LINE ? between(r, 0, 14) : 0;
        op.count = (uint8_t)rest, op.inner = (uint8_t)between(r, 0, 12), op.right = (uint8_t)between(r, 0, 4);
        mask = (1 << (10 + rest)) - 1;
      }
      // From the arena to a row, and with constants from there to the arena.
      const int is_wide_lookup = code == TF_WIDE_LOOKUP || code == TF_WIDE_LINE;
      const int in_range = code == TF_PAIR_LOOKUP_AT || is_wide_lookup;
      int32_t constants[2 * TF_CONSTANT_LANES] = {0};
      const int32_t constant = is_wide_lookup ? mask : in_range ? mask << 16 | mask : (int32_t)bits(r);
      for (int i = 0; i < TF_CONSTANT_LANES; i++) constants[TF_CONSTANT_LANES + i] = constant;
      tf_pair_op ops[] = {{.code = TF_PAIR_AND, .places = {3, ~0, 1, 0, 0}}, op,
                          {.code = TF_PAIR_ADD, .places = {~SOURCES, 2, 0, 2, 2}}};
      for (int i = 0; i < SOURCES; i++) ops[1].places[1 + i] = i < 3 || draw % 2 ? ~i : 1;
      if (in_range) ops[1].places[1] = 3;
      ops[1].places[0] = 2;
      const tf_pairs plan = {.ops = ops, .op_count = 3, .lanes = lanes, .tables = &table, .constants = constants,
                             .constant_count = 2, .width = WIDTH, .chunks = CHUNKS};
      r->kernels->pairs(&r->tile, &plan);
      end(r);
    }
  }
}

/// As many words as int16 for registers, the last one repeated.
static void keep_short(tf_pair_table *table, int16_t *int16s, int length) {
  int blocks = 1;
  while (64 * blocks < length) blocks *= 2;
  for (int i = 0; i < 64 * blocks; i++) int16s[i] = (int16_t)table->words[i < length ? i : length - 1];
  table->count = (size_t)length, table->int16s = int16s, table->blocks = (uint8_t)blocks;
}

static void table_products(reporter *r) {
  enum { WIDTH = 3, CHUNKS = 2, LONGEST = 2048 };
  int32_t words[3][LONGEST];
  int16_t int16s[3][LONGEST];
  for (int draw = 0; draw < 24; draw++) {
    begin(r, "pairs: product of tables, %d", draw);
    // Bits of the third table's places; with eight the tables are as registers have them.
    const int count = draw < 12 ? 8 : between(r, 5, 11);
    const int lengths[] = {65536 >> count, between(r, 1, draw % 3 == 0 ? 64 : draw % 3 == 1 ? 128 : 256), 1 << count};
    tf_pair_table tables[3] = {{0}};
    for (int t = 0; t < 3; t++) {
      for (int i = 0; i < lengths[t]; i++) words[t][i] = t == 2 ? (int32_t)(bits(r) & 0x7fff) : (int16_t)bits(r);
      tables[t].words = words[t];
      keep_short(&tables[t], int16s[t], lengths[t]);
    }
    uint32_t lanes[4 * CHUNKS];
    for (int i = 0; i < 2 * CHUNKS; i++) lanes[i] = (uint32_t)between(r, 0, INPUTS - WIDTH);
    for (int i = 0; i < 2 * CHUNKS; i++) lanes[2 * CHUNKS + i] = (uint32_t)(INPUTS + i * WIDTH);
    int32_t constants[TF_CONSTANT_LANES];
    const int32_t added = (int32_t)bits(r);
    for (int i = 0; i < TF_CONSTANT_LANES; i++) constants[i] = added;
    const tf_pair_op op = {.code = TF_WIDE_TABLES, .count = (uint8_t)count, .right = (uint8_t)between(r, 0, 31),
                           .places = {~2, ~0, ~1, 0, ~3}};
    const tf_pairs plan = {.ops = &op, .op_count = 1, .lanes = lanes, .tables = tables, .constants = constants,
                           .constant_count = 1, .width = WIDTH, .chunks = CHUNKS};
    r->kernels->pairs(&r->tile, &plan);
    end(r);
  }
}

// Dot products

/// A way from sums to stored words.
typedef struct {
  int finish, storage, wraps, rounds_to_even, packs_first;
} ending;

enum { ENDINGS = 24 };

static ending ending_of(int index) {
  if (index < 12) {
    return (ending){.finish = TF_FINISH_WORDS, .storage = index % 3, .wraps = index / 3 % 2,
                    .rounds_to_even = index / 6};
  }
  index -= 12;
  if (index < 8) {
    return (ending){.finish = TF_FINISH_SATURATING, .storage = index % 2, .rounds_to_even = index / 2 % 2,
                    .packs_first = index / 4};
  }
  index -= 8;
  return (ending){.finish = TF_FINISH_WRAPPING, .storage = index % 2, .wraps = 1, .rounds_to_even = index / 2};
}

/// Clamps somewhere from `low` to `high`, at times nowhere else than there.
static void clamp(reporter *r, tf_stage *stage, int32_t low, int32_t high) {
  const int32_t a = between(r, low, high), b = between(r, low, high);
  stage->low = flip(r) ? (a < b ? a : b) : low;
  stage->high = flip(r) ? (a < b ? b : a) : high;
}

static tf_epilogue epilogue(reporter *r, ending e, int kind) {
  const int32_t lowest = e.storage == TF_U8 ? 0 : e.storage == TF_S16 ? INT16_MIN : INT32_MIN;
  const int32_t highest = e.storage == TF_U8 ? UINT8_MAX : e.storage == TF_S16 ? INT16_MAX : INT32_MAX;
  tf_epilogue result = {.wraps = (uint8_t)e.wraps, .storage = (uint8_t)e.storage, .finish = (uint8_t)e.finish};
  tf_stage *first = &result.first, *second = &result.second;
  first->low = second->low = INT32_MIN, first->high = second->high = INT32_MAX;
  // DOT_HIGH wraps by itself: what is wrapped are its sums.
  if (kind != TF_DOT_HIGH || e.finish != TF_FINISH_WRAPPING) {
    // Few bits dropped, so that the lowest ones of sums are seen too.
    first->shift = between(r, 0, flip(r) ? 3 : e.packs_first ? 14 : 22);
    if (e.rounds_to_even) {
      first->rounds_to_even = 1;
      if (first->shift == 0) first->shift = 1;
    }
  }
  switch (e.finish) {
  case TF_FINISH_WORDS:
    if (!e.wraps) {
      clamp(r, first, lowest, highest);
      break;
    }
    if (flip(r)) clamp(r, first, -(1 << 20), 1 << 20);
    result.wrap_signed = (uint8_t)flip(r);
    result.wrap_shift = (uint8_t)between(r, result.wrap_signed ? 0 : 1, 28);
    second->add = between(r, -1000, 1000);
    second->shift = between(r, 1, 12);
    second->rounds_to_even = (uint8_t)flip(r);
    clamp(r, second, lowest, highest);
    break;
  case TF_FINISH_SATURATING: {
    // Where int16 are packed before the shift, the clamps must be within what it leaves of them.
    const int32_t low = e.packs_first ? INT16_MIN >> first->shift : INT16_MIN;
    const int32_t high = e.packs_first ? INT16_MAX >> first->shift : INT16_MAX;
    clamp(r, first, low > lowest ? low : lowest, high < highest ? high : highest);
    result.packs_first = (uint8_t)e.packs_first;
    break;
  }
  default:
    if (kind != TF_DOT_HIGH && flip(r)) clamp(r, first, -(1 << 20), 1 << 20);
    result.wrap_shift = 16, result.wrap_signed = 1;
    second->shift = between(r, 0, 12);
    clamp(r, second, lowest, highest);
    // The baseline has no instructions to pack bytes, and is never asked to: the long way comes to the same.
    if (e.storage == TF_U8 && r->instruction_set == TF_BASELINE) result.finish = TF_FINISH_WORDS;
  }
  return result;
}

static void describe(ending e, char *text, size_t size) {
  static const char *const names[] = {"words", "saturating", "wrapping"};
  snprintf(text, size, "finish %s%s%s%s, %s", names[e.finish], e.wraps ? ", wrap" : "",
           e.rounds_to_even ? ", to even" : "", e.packs_first ? ", packed first" : "", storage_names[e.storage]);
}

enum { PATTERNS = 3, BLOCKS = 5, GROUPS = 12, MOST_LANE = 8 };

/// A lane of four weights, of which those of two neighbours may be too far from zero for their products' sum to fit int16: then
/// the second one is zero.
static int32_t fitting_pairs(int32_t lane) {
  for (int i = 0; i < 32; i += 16) {
    const int first = (int8_t)(lane >> i), second = (int8_t)(lane >> (i + 8));
    if (abs(first) + abs(second) > 128) lane &= ~(int32_t)(0xff00u << i);
  }
  return lane;
}

/// How many groups' products of pairs may be added in int16, for any bytes of x.
static size_t int16_groups(const int32_t *weights, size_t groups, size_t lanes_of_group) {
  for (size_t most = groups; most > 1; most--) {
    int fits = 1;
    for (size_t lane = 0; lane < lanes_of_group; lane++) {
      for (int i = 0; i < 32; i += 16) {
        int sum = 0;
        for (size_t group = 0; group < groups; group++) {
          const int32_t word = weights[group * lanes_of_group + lane];
          if (group % most == 0) sum = 0;
          sum += abs((int8_t)(word >> i)) + abs((int8_t)(word >> (i + 8)));
          fits &= sum <= 128;
        }
      }
    }
    if (fits) return most;
  }
  return 1;
}

/// Makes some of a pattern's groups of one result each, the last ones or all: by `result_ends`, or, for sets that add bytes in
/// int16, as groups whose other results have weights of zero.
static void be_by_result(reporter *r, tf_pattern *pattern, const int32_t *weights, int32_t *spread, int kind) {
  const int in_int16 = kind == TF_DOT_BYTES && (r->instruction_set == TF_AVX2 || r->instruction_set == TF_AVX512_BW);
  const uint32_t whole = flip(r) ? 0 : (uint32_t)between(r, 0, (int)pattern->groups);
  const uint32_t most = (uint32_t)pattern->groups - whole;
  uint32_t group = 0;
  memset(spread, 0, sizeof(int32_t) * GROUPS * TF_DOT_RESULTS);
  memcpy(spread, weights, sizeof(int32_t) * whole * TF_DOT_RESULTS);
  weights += whole * TF_DOT_RESULTS;
  for (int j = 0; j < TF_DOT_RESULTS; j++) {
    const uint32_t end = group + (uint32_t)between(r, 0, GROUPS / TF_DOT_RESULTS);
    pattern->result_ends[j] = j == TF_DOT_RESULTS - 1 || end > most ? most : end;
    for (; group < pattern->result_ends[j]; group++) spread[4 * (whole + group) + (uint32_t)j] = weights[group];
  }
  if (in_int16) {
    pattern->weights = spread, pattern->int16_groups = 1;
    memset(pattern->result_ends, 0, sizeof pattern->result_ends);
  } else {
    pattern->groups = whole;
  }
}

/// Patterns and blocks for a dot product of which everything else is set, and the call.
///
/// - Parameters:
///   - each: the ways of every pattern's results, or NULL where all have one.
///   - by_result: whether some groups are of one result each.
static void run_dot(reporter *r, tf_dot dot, tf_finish (*each)[TF_DOT_RESULTS], int by_result) {
  tf_pattern patterns[PATTERNS];
  int32_t spread[PATTERNS][GROUPS * TF_DOT_RESULTS];
  tf_block blocks[BLOCKS];
  int32_t lanes[PATTERNS][GROUPS], weights[PATTERNS][GROUPS * TF_MOST_PARTS * 4];
  int32_t whole_lanes[PATTERNS][GROUPS], whole_weights[PATTERNS][GROUPS];
  for (int p = 0; p < PATTERNS; p++) {
    for (int i = 0; i < GROUPS; i++) {
      lanes[p][i] = between(r, 0, INPUTS - 1 - MOST_LANE);
      whole_lanes[p][i] = between(r, 0, INPUTS - 1 - MOST_LANE);
    }
    for (int i = 0; i < GROUPS * TF_MOST_PARTS * 4; i++) {
      weights[p][i] = (int32_t)bits(r);
      // Small ones too, so that sums do not always saturate.
      if (flip(r)) weights[p][i] &= 0x0f070f07;
      if (dot.kind == TF_DOT_STEPS) weights[p][i] &= flip(r) ? 0xffff : -0x10000;
      if (dot.kind == TF_DOT_BYTES) weights[p][i] = fitting_pairs(weights[p][i]);
    }
    for (int i = 0; i < GROUPS; i++) whole_weights[p][i] = (int32_t)bits(r);
    patterns[p] = (tf_pattern){
        .lanes = lanes[p], .weights = weights[p], .groups = (size_t)between(r, p ? 1 : 0, GROUPS),
        .whole_lanes = whole_lanes[p], .whole_weights = whole_weights[p], .each = each ? each[p] : NULL};
    for (int j = 0; j < TF_DOT_RESULTS && dot.kind == TF_DOT_HIGH; j++)
      patterns[p].whole_ends[j] = (uint32_t)between(r, 0, GROUPS / TF_DOT_RESULTS) + (j ? patterns[p].whole_ends[j - 1] : 0);
    if (dot.kind == TF_DOT_BYTES)
      patterns[p].int16_groups =
          int16_groups(weights[p], patterns[p].groups, 4 * (dot.parts > 1 ? (size_t)dot.parts : 1));
    for (int part = 0; part < TF_MOST_PARTS; part++) {
      patterns[p].part_begins[part] = (uint32_t)between(r, 0, (int)patterns[p].groups);
      patterns[p].part_ends[part] = (uint32_t)between(r, (int)patterns[p].part_begins[part], (int)patterns[p].groups);
      for (int j = 0; j < 4; j++) {
        const int32_t start = (int32_t)bits(r);
        patterns[p].start[part][j] = start >> between(r, 0, 20);
      }
    }
    if (by_result) be_by_result(r, &patterns[p], weights[p], spread[p], dot.kind);
  }
  for (int b = 0; b < BLOCKS; b++) {
    blocks[b] = (tf_block){.pattern = (uint32_t)(b % PATTERNS), .lane = (uint32_t)between(r, 0, MOST_LANE),
                           .out = (uint32_t)(INPUTS + 4 * b)};
  }
  dot.patterns = patterns, dot.blocks = blocks, dot.block_count = BLOCKS / (dot.pooled ? dot.pooled : 1);
  r->kernels->dot(&r->tile, &dot);
  end(r);
}

/// Groups of one result each, and blocks of which only the largest sums are finished.
static void few_dots(reporter *r) {
  for (int kind = TF_DOT_BYTES; kind <= TF_DOT_INT16; kind++) {
    for (int pooled = 0; pooled <= BLOCKS / 2; pooled++) {
      for (int index = 0; index < 2 * ENDINGS; index++) {
        const ending e = ending_of(index % ENDINGS);
        const int by_result = index >= ENDINGS;
        if (pooled && (e.wraps || (e.finish != TF_FINISH_WORDS && e.finish != TF_FINISH_SATURATING))) continue;
        char text[80];
        describe(e, text, sizeof text);
        begin(r, "dot products of %s%s, %s, the largest of %d", kind == TF_DOT_BYTES ? "bytes" : "int16",
              by_result ? " by result" : "", text, pooled);
        const tf_dot dot = {.epilogue = epilogue(r, e, kind), .kind = (uint8_t)kind, .parts = 1, .pooled = (size_t)pooled};
        run_dot(r, dot, NULL, by_result);
      }
    }
  }
}

static void plain_dots(reporter *r) {
  for (int kind = TF_DOT_BYTES; kind <= TF_DOT_HIGH; kind++) {
    static const char *const names[] = {"bytes", "int16", "high int16"};
    // One part; two and three, added up or joined.
    for (int way = 0; way < (kind == TF_DOT_HIGH ? 1 : 5); way++) {
      for (int index = 0; index < ENDINGS; index++) {
        const int parts = 1 + (way + 1) / 2, joins = way && way % 2 == 0;
        char text[80];
        describe(ending_of(index), text, sizeof text);
        begin(r, "dot products of %s in %d parts%s, %s", names[kind], parts, joins ? ", joined" : "", text);
        const tf_dot dot = {
            .epilogue = epilogue(r, ending_of(index), kind), .kind = (uint8_t)kind, .parts = (uint8_t)parts,
            .split = (uint8_t)between(r, 1, flip(r) ? 2 : kind == TF_DOT_BYTES ? 8 : 16), .joins = (uint8_t)joins};
        run_dot(r, dot, NULL, 0);
      }
    }
  }
}

/// A stage with clamps of its own for a result, to words of a storage.
static tf_stage stage_of_one(reporter *r, int converges, int storage) {
  tf_stage stage = {.shift = between(r, 0, 22)};
  stage.rounds_to_even = (uint8_t)(converges && stage.shift > 0 && flip(r));
  clamp(r, &stage, storage == TF_U8 ? 0 : storage == TF_S16 ? INT16_MIN : -(1 << 24),
        storage == TF_U8 ? UINT8_MAX : storage == TF_S16 ? INT16_MAX : 1 << 24);
  return stage;
}

/// Every result in its own way.
static void dots_in_several_ways(reporter *r) {
  for (int kind = TF_DOT_BYTES; kind <= TF_DOT_HIGH; kind++) {
    static const char *const names[] = {"bytes", "int16", "high int16"};
    for (int index = 0; index < 24; index++) {
      const int storage = index % 3, wraps = index / 3 % 2, converges = index / 6 % 2, moves = index / 12;
      begin(r, "dot products of %s, each result in its way%s%s%s, %s", names[kind], wraps ? ", wrap" : "",
            converges ? ", to even" : "", moves ? ", moved" : "", storage_names[storage]);
      tf_finish each[PATTERNS][TF_DOT_RESULTS];
      for (int i = 0; i < PATTERNS * TF_DOT_RESULTS; i++) {
        tf_finish *way = &each[i / TF_DOT_RESULTS][i % TF_DOT_RESULTS];
        *way = (tf_finish){.first = stage_of_one(r, converges, wraps ? TF_S32 : storage),
                           .second = stage_of_one(r, converges, storage), .wrap_shift = between(r, 0, 28)};
        // Unsigned words keep the bits that the wrap keeps.
        way->wrap_mask = flip(r) || way->wrap_shift == 0 ? -1 : (int32_t)(UINT32_MAX >> way->wrap_shift);
        way->second.add = between(r, -1000, 1000);
        // Words that are moved must still fit what they are stored in.
        if (moves && storage == TF_S32) way->up = between(r, 0, 4), way->add = between(r, -1000, 1000);
      }
      const tf_dot dot = {.epilogue = {.wraps = (uint8_t)wraps, .storage = (uint8_t)storage, .finish = TF_FINISH_EACH,
                                       .converges = (uint8_t)converges, .moves = (uint8_t)moves},
                          .kind = (uint8_t)kind, .parts = 1};
      run_dot(r, dot, each, 0);
    }
  }
}

/// The same in pairs of int16: what is done to one of a pair is drawn apart from what is done to the other.
static void dots_in_pairs(reporter *r) {
  for (int kind = TF_DOT_BYTES; kind <= TF_DOT_HIGH; kind++) {
    static const char *const names[] = {"bytes", "int16", "high int16"};
    for (int index = 0; index < 32; index++) {
      const int storage = index % 2, clamps = index / 2 % 2, masks = index / 4 % 2, adds = index / 8 % 2;
      begin(r, "dot products of %s, results in pairs%s%s%s, %s, %d", names[kind], clamps ? ", clamped" : "",
            masks ? ", masked" : "", adds ? ", added to" : "", storage_names[storage], index / 16);
      tf_finish each[PATTERNS][TF_DOT_RESULTS];
      memset(each, 0, sizeof each);
      const int rotates = flip(r);
      for (int i = 0; i < PATTERNS * TF_DOT_RESULTS; i++) {
        tf_finish *way = &each[i / TF_DOT_RESULTS][i % TF_DOT_RESULTS];
        // Most of the sums' bits are above those that count, some below.
        way->shift = rotates ? between(r, -16, 0) : between(r, -22, 4);
        for (int half = 0; half < 32; half += 16) {
          const int is_byte = storage == TF_U8;
          // Bytes must be bytes in the end.
          const int32_t low = is_byte ? 0 : between(r, -4000, 0), high = between(r, 0, is_byte ? 127 : 4000);
          way->pair.low |= (low & 0xffff) << half, way->pair.high |= high << half;
          way->pair.mask |= (is_byte ? between(r, 0, 127) : between(r, 0, 0xffff)) << half;
          way->pair.flip |= between(r, 0, 127) << half;
          way->pair.add |= between(r, 0, 128) << half;
        }
      }
      const tf_dot dot = {
          .epilogue = {.storage = (uint8_t)storage, .finish = TF_FINISH_PAIRS, .raises = (uint8_t)clamps,
                       .lowers = (uint8_t)clamps, .masks = (uint8_t)(masks || storage == TF_U8), .flips = (uint8_t)adds,
                       .adds = (uint8_t)adds, .rotates = (uint8_t)rotates},
          .kind = (uint8_t)kind, .parts = 1};
      run_dot(r, dot, each, 0);
    }
  }
}

static void step_dots(reporter *r) {
  for (int rounding = 0; rounding < ROUNDINGS; rounding++) {
    for (int index = 0; index < 2 * 54; index++) {
      const int wrap = index % 3, clamps = index / 3 % 3, saturates = index / 9 % 3, shifts = index / 27 % 2;
      begin(r, "dot products by steps, %s%s%s%s%s, %d", rounding_names[rounding], shifts ? "" : ", no shift",
            wrap == 2 ? ", signed wrap" : wrap ? ", unsigned wrap" : "",
            clamps == TF_SAT_ZERO ? ", products zeroed" : clamps ? ", products clamped" : "",
            saturates == TF_SAT_ZERO ? ", sums zeroed" : saturates ? ", sums clamped" : "", index / 54);
      const int32_t step_low = between(r, -(1 << 14), 0), sum_low = between(r, -(1 << 18), 0);
      const tf_dot dot = {
          .epilogue = epilogue(r, ending_of(between(r, 0, ENDINGS - 1)), TF_DOT_STEPS), .kind = TF_DOT_STEPS,
          .parts = 1, .step_shift = (uint8_t)(shifts ? between(r, 1, flip(r) ? 3 : 16) : 0),
          .step_rounding = (uint8_t)rounding, .step_wrap = (uint8_t)(wrap ? between(r, 8, 24) : 0),
          .step_wrap_signed = wrap == 2, .step_clamps = (uint8_t)clamps, .step_saturates = (uint8_t)saturates,
          .term_low = step_low, .term_high = between(r, 0, 1 << 14), .sum_low = sum_low,
          .sum_high = between(r, 0, 1 << 18)};
      run_dot(r, dot, NULL, 0);
    }
  }
}

/// Products of matrices; where there are none, the dot products that come to the same.
static void tile_dots(reporter *r) {
  enum { RUNS = 3, TILE_BLOCKS = 2, RESULT_BLOCKS = TF_TILE / 4, WIDEST = 2 * RUNS * TF_TILE, SPLIT_LANES = 28 };
  for (int digits = 1; digits <= 2; digits++) {
    for (int index = 0; index < ENDINGS; index++) {
      const ending e = ending_of(index);
      char text[80];
      describe(e, text, sizeof text);
      begin(r, "products of matrices of %s, %s", digits == 1 ? "bytes" : "int16", text);
      const int run_lanes = between(r, 1, TF_TILE), runs = between(r, 1, RUNS);
      // Results are written four by four.
      const int results = 4 * between(r, 1, RESULT_BLOCKS), fours = results / 4;
      const int room = e.storage == TF_U8 ? 1 : e.storage == TF_S16 ? 2 : 4;
      // int16 words are taken apart, two lanes to one.
      const int split_lane = digits == 2 ? between(r, 0, INPUTS - 2 * SPLIT_LANES) : 0;
      const int kernel_lanes = digits == 2 ? SPLIT_LANES : INPUTS, most_lane = digits == 2 ? 8 : MOST_LANE;
      int8_t tiles[RUNS * TF_TILE * TF_TILE * 4] = {0};
      int32_t starts[TF_TILE][TF_TILE], first_lanes[RUNS];
      int32_t lanes[WIDEST], weights[RESULT_BLOCKS][WIDEST * 4];
      tf_pattern patterns[RESULT_BLOCKS] = {0};
      for (int result = 0; result < TF_TILE; result++) {
        const int32_t start = (int32_t)bits(r) >> 8;
        for (int i = 0; i < TF_TILE; i++) starts[result][i] = start;
        patterns[result / 4].start[0][result % 4] = start;
      }
      for (int run = 0; run < runs; run++) {
        first_lanes[run] = between(r, 0, kernel_lanes - TF_TILE - most_lane);
        for (int lane = 0; lane < run_lanes; lane++) {
          const int group = (run * run_lanes + lane) * digits;
          for (int half = 0; half < digits; half++) lanes[group + half] = digits * (first_lanes[run] + lane) + half;
          for (int result = 0; result < TF_TILE; result++) {
            uint32_t words[2] = {0};
            for (int i = 0; i < 4; i++) {
              int8_t weight = (int8_t)bits(r);
              // Sums of the products of two neighbours fit int16.
              if (i % 2 && abs(weight) + abs((int8_t)(words[0] >> (8 * i - 8))) > 128) weight = 0;
              const int place = digits == 1 ? i : i % 2 * 2 + i / 2;
              tiles[((run * TF_TILE + result) * TF_TILE + lane) * 4 + place] = weight;
              if (digits == 1) words[0] |= (uint32_t)(uint8_t)weight << (8 * i);
              else words[i / 2] |= (uint32_t)(uint16_t)weight << (16 * (i % 2));
            }
            for (int half = 0; half < digits; half++)
              weights[result / 4][4 * (group + half) + result % 4] = (int32_t)words[half];
          }
        }
      }
      const tf_tile_pattern tile_pattern = {.lanes = first_lanes, .weights = tiles, .runs = (size_t)runs,
                                            .results = (size_t)results, .starts = starts[0]};
      tf_block blocks[TILE_BLOCKS * RESULT_BLOCKS];
      const int is_tiled = r->instruction_set == TF_AMX;
      int count = 0;
      for (int b = 0; b < TILE_BLOCKS; b++) {
        const int lane = between(r, 0, most_lane);
        for (int i = 0; i < (is_tiled ? 1 : fours); i++) {
          blocks[count++] = (tf_block){.pattern = (uint32_t)i,
                                       .lane = (uint32_t)(is_tiled ? lane : split_lane + digits * lane),
                                       .out = (uint32_t)(INPUTS + (b * fours + i) * room)};
        }
      }
      for (int i = 0; i < RESULT_BLOCKS; i++) {
        patterns[i].lanes = lanes, patterns[i].weights = weights[i];
        patterns[i].groups = (size_t)(runs * run_lanes * digits);
        patterns[i].int16_groups = 1;
      }
      tf_dot dot = {.patterns = patterns, .tiles = &tile_pattern, .blocks = blocks, .block_count = (size_t)count,
                    .epilogue = epilogue(r, e, TF_DOT_TILES), .parts = 1, .digits = (uint8_t)digits,
                    .run_lanes = (uint8_t)run_lanes, .split_lane = (uint32_t)split_lane, .split_lanes = SPLIT_LANES};
      dot.kind = is_tiled ? TF_DOT_TILES : digits == 1 ? TF_DOT_BYTES : TF_DOT_INT16;
      r->kernels->dot(&r->tile, &dot);
      end(r);
    }
  }
}

// Input and output

static void writes(reporter *r, int width) {
  static const int counts[] = {1, 2, 3, 4, 5, 9, 19};
  for (int element = TF_FLOAT32; element <= TF_INT64; element++) {
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
      for (int small = 0; small < 2; small++) {
        begin(r, "write of %d as %s in %d bits, scale %s", counts[c], element_names[element], width,
              small ? "2^-100" : "2^-7");
        tf_row rows[19];
        for (int i = 0; i < counts[c]; i++) rows[i] = any_row(r, width);
        const tf_output output = {.rows = rows, .count = (size_t)counts[c], .scale = small ? 0x1p-100 : 0x1p-7};
        words_of(r, width)->write(&r->tile, &output, element, r->room);
        end(r);
      }
    }
  }
}

enum { MOST_NUMBERS = 64 };

/// A format that the storage holds.
static tf_input input(reporter *r, int storage, int rounding, int overflow) {
  static const int counts[] = {1, 3, 5, 16, 17, 33, MOST_NUMBERS};
  tf_input i = {.storage = (uint8_t)storage, .rounding = (uint8_t)rounding, .overflow = (uint8_t)overflow};
  i.is_signed = (uint8_t)flip(r);
  i.width = (uint8_t)(storage == TF_U8 ? between(r, 2, 8) : storage == TF_S16 ? between(r, 8, 16) : between(r, 17, 31));
  // The width for which storing drops all that a wrap would.
  if (storage == TF_S16 && flip(r)) i.width = 16, i.is_signed = 1;
  i.low = i.is_signed ? -(1 << (i.width - 1)) : 0;
  i.high = (int32_t)((1u << (i.width - i.is_signed)) - 1);
  i.offset = storage == TF_U8 ? i.low : storage == TF_S16 && !i.is_signed && i.width == 16 ? 1 << 15 : 0;
  const int fraction = between(r, -3, 12);
  i.scale = fraction < 0 ? 1.0 / (1 << -fraction) : 1 << fraction;
  i.lane = INPUTS;
  i.count = (size_t)counts[between(r, 0, sizeof counts / sizeof *counts - 1)];
  return i;
}

/// Numbers on the grid, half way between its points, or next to one of those.
static void fill_numbers(reporter *r, const tf_input *input, int element, void *numbers) {
  for (size_t i = 0; i < VALID * input->count; i++) {
    const int32_t word = flip(r) ? between(r, -300, 300) : between(r, -(1 << 20), 1 << 20);
    const int half = flip(r), next_to = between(r, 0, 3) == 0;
    if (element == TF_INT64) {
      ((int64_t *)numbers)[i] = between(r, input->low, input->high);
    } else if (element == TF_FLOAT64) {
      const double value = (word + 0.5 * half) / input->scale;
      uint64_t pattern;
      memcpy(&pattern, &value, sizeof pattern);
      pattern ^= (uint64_t)next_to;
      memcpy((double *)numbers + i, &pattern, sizeof pattern);
    } else {
      const float value = (float)((word + 0.5 * half) / input->scale);
      uint32_t pattern;
      memcpy(&pattern, &value, sizeof pattern);
      pattern ^= (uint32_t)next_to;
      memcpy((float *)numbers + i, &pattern, sizeof pattern);
    }
  }
}

static void read_numbers(reporter *r, const tf_input *input, int element, const void *numbers) {
  if (!r->kernels->read(&r->tile, input, element, numbers)) {
    if (is_reported(r)) fprintf(r->out, "%s: refused\n", r->name);
    return;
  }
  if (!is_reported(r)) return;
  // What padding is read as does not matter.
  fprintf(r->out, "%s: %016llx\n", r->name, (unsigned long long)hash(r, VALID));
}

/// Has elements keep nothing but bits that words of a wrapping input have, as `own_wraps` says.
static void keep_own_bits(reporter *r, tf_input *input, int32_t *own, size_t count) {
  input->own_clamps = 0;
  for (size_t k = 0; k < count; k++) {
    const size_t part = k / TF_OWN_ELEMENTS % TF_OWN_PARTS;
    if (part == TF_OWN_LOW) own[k] = INT32_MIN;
    if (part == TF_OWN_HIGH) own[k] = INT32_MAX;
    if (part != TF_OWN_MASK) continue;
    int32_t *right = &own[k - (TF_OWN_MASK - TF_OWN_RIGHT) * TF_OWN_ELEMENTS];
    if (*right >= input->width) *right = input->width - 1;
    const int most = input->width - *right;
    own[k] = (int32_t)((1u << between(r, 0, most < 16 ? most : 16)) - 1);
  }
}

static void reads(reporter *r) {
  void *numbers = malloc(VALID * MOST_NUMBERS * 8);
  for (int element = TF_FLOAT32; element <= TF_INT64; element++) {
    for (int storage = TF_U8; storage <= TF_S32; storage++) {
      for (int rounding = 0; rounding < ROUNDINGS; rounding++) {
        for (int overflow = 0; overflow < INPUT_OVERFLOWS; overflow++) {
          for (int draw = 0; draw < 3; draw++) {
            begin(r, "read of %s by %s, %s into %s, %d", element_names[element], rounding_names[rounding],
                  overflow_names[overflow], storage_names[storage], draw);
            const tf_input i = input(r, storage, rounding, overflow);
            fill_numbers(r, &i, element, numbers);
            read_numbers(r, &i, element, numbers);
          }
        }
      }
      for (int draw = 0; draw < (storage == TF_U8 ? 18 : 6); draw++) {
        // Of bytes, some are words taken apart.
        const int splits = draw >= 6;
        begin(r, "read of %s, each element in its own way, into %s%s, %d", element_names[element], storage_names[storage],
              splits ? " and digits" : "", draw);
        tf_input i = input(r, splits ? TF_S16 : storage, between(r, 0, ROUNDINGS - 1), draw % INPUT_OVERFLOWS);
        int32_t own[(MOST_NUMBERS + TF_OWN_ELEMENTS) * TF_OWN_PARTS];
        uint8_t high_lanes[TF_SPLIT_LANES], high_copies[TF_SPLIT_LANES];
        for (size_t k = 0; k < sizeof own / sizeof *own; k++) {
          switch (k / TF_OWN_ELEMENTS % TF_OWN_PARTS) {
          case TF_OWN_ADD: own[k] = between(r, 0, 100); break;
          case TF_OWN_RIGHT: own[k] = between(r, 0, 9); break;
          case TF_OWN_LOW: own[k] = flip(r) ? INT32_MIN : -between(r, 0, 100); break;
          case TF_OWN_HIGH: own[k] = flip(r) ? INT32_MAX : between(r, 0, 100); break;
          case TF_OWN_MASK: own[k] = flip(r) ? -1 : (1 << between(r, 0, 9)) - 1; break;
          case TF_OWN_FLIP: own[k] = flip(r) ? 0 : 1 << between(r, 0, 9); break;
          case TF_OWN_OFFSET: own[k] = between(r, -200, 200); break;
          default: own[k] = between(r, 0, 5);
          }
          // Where words are taken apart, those beyond the last are zero.
          if (splits && k / (TF_OWN_ELEMENTS * TF_OWN_PARTS) * TF_OWN_ELEMENTS + k % TF_OWN_ELEMENTS >= i.count) own[k] = 0;
        }
        i.own = own, i.own_clamps = 1, i.own_wraps = (uint8_t)(i.overflow == TF_WRAP && flip(r));
        if (i.own_wraps) keep_own_bits(r, &i, own, sizeof own / sizeof *own);
        if (splits) {
          uint8_t lanes = (uint8_t)((i.count + 3) / 4);
          for (uint8_t k = 0, low = lanes; k < low; k++) high_lanes[k] = flip(r) ? lanes++ : 0;
          i.storage = TF_U8, i.offset = 0, i.high_bits = (uint8_t)between(r, 1, 8), i.high_lanes = high_lanes;
          for (int k = 0; k < TF_SPLIT_LANES; k++) high_copies[k] = (uint8_t)between(r, 0, 4);
          i.high_copies = high_copies;
        }
        fill_numbers(r, &i, element, numbers);
        read_numbers(r, &i, element, numbers);
      }
      // One number that is refused, and all with it.
      static const double refused[] = {__builtin_nan(""), __builtin_inf(), -__builtin_inf(), 0x1p31, -0x1p31, 1e30};
      for (int index = 0; index < 6 && element != TF_INT64; index++) {
        begin(r, "read of %s, one of them %g, into %s", element_names[element], refused[index], storage_names[storage]);
        const tf_input i = input(r, storage, between(r, 0, ROUNDINGS - 1), between(r, 0, INPUT_OVERFLOWS - 1));
        fill_numbers(r, &i, element, numbers);
        const size_t place = next(r) % (VALID * i.count);
        if (element == TF_FLOAT32) ((float *)numbers)[place] = (float)(refused[index] / i.scale);
        else ((double *)numbers)[place] = refused[index] / i.scale;
        read_numbers(r, &i, element, numbers);
      }
    }
  }
  free(numbers);
}

static tf_pair any_pair(reporter *r, int is_single) {
  tf_pair pair = {.is_single = (uint8_t)is_single};
  for (int i = 0; i < 2; i++) {
    pair.lanes[i] = (uint32_t)between(r, 0, INPUTS - 1);
    pair.positions[i] = (uint8_t)between(r, 0, 1);
  }
  // Often as they lie.
  if (flip(r)) pair.lanes[1] = pair.lanes[0];
  if (flip(r)) pair.positions[0] = 0, pair.positions[1] = 1;
  if (is_single) pair.lanes[1] = pair.lanes[0], pair.positions[1] = pair.positions[0];
  return pair;
}

static void contracts(reporter *r) {
  enum { GROUPS = 2, DEPTH = 3, MOST = 6 };
  // Fewer positions than are computed together, as many, and more.
  static const size_t shapes[][2] = {{2, 8}, {4, 8}, {6, 4}, {1, 4}, {5, 4}};
  for (int index = 0; index < ENDINGS; index++) {
    for (int parts = 1; parts <= 2; parts++) {
      ending e = ending_of(index);
      begin(r, "contract: ending %d, %d parts", index, parts);
      if (parts == 2) e.rounds_to_even = 0;
      const size_t *shape = shapes[index % 5];
      const int positions = (int)shape[0], columns = (int)shape[1], blocks = columns / TF_DOT_RESULTS;
      tf_pair x[GROUPS * MOST * DEPTH], y[GROUPS * 8 * DEPTH];
      for (int i = 0; i < GROUPS * positions * DEPTH; i++) x[i] = any_pair(r, index % 2 && i % DEPTH == DEPTH - 1);
      for (int i = 0; i < GROUPS * columns * DEPTH; i++) y[i] = any_pair(r, index % 2 && i % DEPTH == DEPTH - 1);
      // Lanes that follow each other are read where they are.
      for (int i = 0; i < GROUPS * positions * DEPTH && index % 4 == 2; i++)
        x[i] = (tf_pair){.lanes = {(uint32_t)i, (uint32_t)i}, .positions = {0, 1}};
      uint32_t out[GROUPS * MOST * 2];
      for (int i = 0; i < GROUPS * positions * blocks; i++) out[i] = (uint32_t)(INPUTS + i * TF_DOT_RESULTS);
      // Results that are not as far from each other everywhere.
      if (index % 3 == 1) out[0] = (uint32_t)(INPUTS + TF_DOT_RESULTS), out[1] = INPUTS;
      const tf_contract contract = {
          .x = x, .y = y, .out = out, .groups = GROUPS, .positions = positions, .columns = columns, .depth = DEPTH,
          .parts = (uint8_t)parts, .split = (uint8_t)between(r, 1, 15), .start = {(int32_t)bits(r), (int32_t)bits(r)},
          .x_offset = flip(r) ? between(r, -70000, 70000) : 0, .epilogue = epilogue(r, e, TF_DOT_INT16)};
      r->kernels->contraction(&r->tile, &contract);
      end(r);
    }
  }
}

char *tf_kernel_report(int instruction_set, int every) {
  reporter r = {.kernels = tf_kernels_for(instruction_set), .instruction_set = instruction_set, .every = every};
  if (!r.kernels) return NULL;
  char *text = NULL;
  size_t size = 0;
  r.out = open_memstream(&text, &size);
  r.room = aligned_alloc(64, ROOM_BYTES);
  r.tile = (tf_tile){.arena = aligned_alloc(64, 4 * ARENA_WORDS), .lanes = LANES,
                     .scratch = aligned_alloc(64, SCRATCH_BYTES), .constants = r.constants, .events = EVENTS,
                     .valid = VALID};
  r.tile.ahead = r.tile.arena, r.tile.ahead_bytes = 4 * ARENA_WORDS;
  for (int width = 32; width <= 128; width *= 2) {
    loads_and_stores(&r, width);
    regions(&r, width);
    macs(&r, width);
    reductions(&r, width);
    writes(&r, width);
  }
  pools(&r);
  pairs(&r);
  table_products(&r);
  contracts(&r);
  plain_dots(&r);
  few_dots(&r);
  dots_in_several_ways(&r);
  dots_in_pairs(&r);
  step_dots(&r);
  tile_dots(&r);
  reads(&r);
  fclose(r.out);
  free(r.room);
  free(r.tile.arena);
  free(r.tile.scratch);
  return text;
}

#if defined(TF_REPORT_MAIN)
/// Arguments: one call of how many, then the numbers of instruction sets; all, where there are none.
int main(int count, char **arguments) {
  const int every = count > 1 ? atoi(arguments[1]) : 1;
  // One after the other, each after a line with its number.
  for (int set = TF_BASELINE; set < TF_INSTRUCTION_SETS; set++) {
    int is_asked = count < 3;
    for (int place = 2; place < count; place++) is_asked |= atoi(arguments[place]) == set;
    char *report = is_asked ? tf_kernel_report(set, every) : NULL;
    if (!report) continue;
    printf("set %d\n%s", set, report);
    free(report);
  }
}
#endif
