// Trees of selections between constants: all nodes of a tree for some events at once, in the order in which their results are
// needed, on a stack of rows. No event takes a branch of its own, so that a comparison of a vector of events is one instruction.
#pragma once

#include "lanes.h"

// Events of one operation: as many as make its dispatch cheap, and a stack of them stays in the first cache.
#define TREES_EVENTS(I, N) _Pragma("clang loop vectorize(assume_safety) interleave(disable)") for (size_t I = 0; I < (N); I++)

// W: the words compared and selected. N is a constant wherever this is called from.
#define TREES_OF(NAME, W)                                                                                  \
  INLINE void NAME##_block(const tf_trees *trees, const W *restrict x, size_t stride, int32_t *restrict sums, \
                           const size_t count) {                                                           \
    W stack[TF_TREE_DEPTH][TF_TREE_EVENTS];                                                                \
    size_t top = 0;                                                                                        \
    const tf_tree_op *end = trees->ops + trees->op_count;                                                  \
    for (const tf_tree_op *op = trees->ops; op < end; op++) {                                              \
      const W *restrict seen = x + op->index * stride;                                                     \
      const W bound = (W)op->bound, left = (W)op->left, right = (W)op->right;                              \
      switch (op->code) {                                                                                  \
      case TF_TREE_LEAVES: {                                                                               \
        W *restrict to = stack[top++];                                                                     \
        TREES_EVENTS(i, count) to[i] = seen[i] < bound ? left : right;                                     \
        break;                                                                                             \
      }                                                                                                    \
      case TF_TREE_PAIR: {                                                                                 \
        W *restrict to = stack[top++];                                                                     \
        const W *restrict seen1 = x + op[1].index * stride, *restrict seen2 = x + op[2].index * stride;    \
        const W bound1 = (W)op[1].bound, left1 = (W)op[1].left, right1 = (W)op[1].right;                   \
        const W bound2 = (W)op[2].bound, left2 = (W)op[2].left, right2 = (W)op[2].right;                   \
        TREES_EVENTS(i, count) {                                                                           \
          const W yes = seen1[i] < bound1 ? left1 : right1, no = seen2[i] < bound2 ? left2 : right2;       \
          to[i] = seen[i] < bound ? yes : no;                                                              \
        }                                                                                                  \
        op += 2;                                                                                           \
        break;                                                                                             \
      }                                                                                                    \
      case TF_TREE_LEFT: {                                                                                 \
        W *restrict to = stack[top - 1];                                                                   \
        TREES_EVENTS(i, count) to[i] = seen[i] < bound ? to[i] : right;                                    \
        break;                                                                                             \
      }                                                                                                    \
      case TF_TREE_RIGHT: {                                                                                \
        W *restrict to = stack[top - 1];                                                                   \
        TREES_EVENTS(i, count) to[i] = seen[i] < bound ? left : to[i];                                     \
        break;                                                                                             \
      }                                                                                                    \
      case TF_TREE_JOIN: {                                                                                 \
        const W *restrict other = stack[--top];                                                            \
        W *restrict to = stack[top - 1];                                                                   \
        TREES_EVENTS(i, count) to[i] = seen[i] < bound ? to[i] : other[i];                                 \
        break;                                                                                             \
      }                                                                                                    \
      case TF_TREE_JOIN_SWAPPED: {                                                                         \
        const W *restrict other = stack[--top];                                                            \
        W *restrict to = stack[top - 1];                                                                   \
        TREES_EVENTS(i, count) to[i] = seen[i] < bound ? other[i] : to[i];                                 \
        break;                                                                                             \
      }                                                                                                    \
      default: {                                                                                           \
        const W *restrict from = stack[--top];                                                             \
        int32_t *restrict sum = sums + op->index * stride;                                                 \
        TREES_EVENTS(i, count) sum[i] += from[i];                                                          \
      }                                                                                                    \
      }                                                                                                    \
    }                                                                                                      \
  }                                                                                                        \
  static void NAME(const tf_tile *tile, const tf_trees *trees, const W *x, int32_t *sums) {                \
    size_t start = 0;                                                                                      \
    const size_t events = whole(tile->events), stride = events;                                            \
    for (; start + TF_TREE_EVENTS <= events; start += TF_TREE_EVENTS)                                      \
      NAME##_block(trees, x + start, stride, sums + start, TF_TREE_EVENTS);                                \
    for (; start < events; start += TF_BLOCK) NAME##_block(trees, x + start, stride, sums + start, TF_BLOCK); \
  }

TREES_OF(trees_int16, int16_t)
TREES_OF(trees_int32, int32_t)

static void trees(const tf_tile *tile, const tf_trees *trees) {
  const size_t n = whole(tile->events);
  // Scratch: a row as 32-bit words, the sums, then the features.
  int32_t *row = (int32_t *)tile->scratch, *sums = row + n;
  int32_t *wide = sums + trees->outputs * n;
  int16_t *narrow = (int16_t *)wide;
  for (size_t output = 0; output < trees->outputs; output++) {
    const int32_t start = trees->starts[output];
    for (size_t i = 0; i < n; i++) sums[output * n + i] = start;
  }
  for (size_t feature = 0; feature < trees->features; feature++) {
    if (!trees->is_narrow) {
      load_32(tile, trees->x + feature, wide + feature * n);
      continue;
    }
    load_32(tile, trees->x + feature, row);
    for (size_t i = 0; i < n; i++) narrow[feature * n + i] = (int16_t)row[i];
  }
  if (trees->is_narrow) trees_int16(tile, trees, narrow, sums);
  else trees_int32(tile, trees, wide, sums);
  for (size_t output = 0; output < trees->outputs; output++) {
    int32_t *sum = sums + output * n;
    const int lost = trees->wrap_shift;
    if (lost && trees->wrap_signed)
      for (size_t i = 0; i < n; i++) sum[i] = (int32_t)((uint32_t)sum[i] << lost) >> lost;
    else if (lost)
      for (size_t i = 0; i < n; i++) sum[i] = (int32_t)((uint32_t)sum[i] << lost >> lost);
    store_32(tile, trees->out + output, sum);
  }
}

#undef TREES_OF
