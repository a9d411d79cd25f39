// Kernels of a Triggerfish project: the operations this network uses, and no others.
//
// Every function computes exactly what docs/operations.md of Triggerfish says, word for word; the formats
// are in the types. Weights and tables are raw integers: a word of width W and I integer bits stands for
// raw * 2^(I - W).
#ifndef TF_KERNELS_H
#define TF_KERNELS_H

#include <stdint.h>

#include "ap_fixed.h"
#include "ap_int.h"

// Bambu unrolls by a pragma ahead of the loop, Vitis HLS by one inside it.
#if defined(__BAMBU__)
#define TF_INLINE static inline __attribute__((always_inline))
#define TF_LAYER static inline __attribute__((always_inline))
#define TF_UNROLL_NEXT _Pragma("unroll")
#define TF_UNROLL
#define TF_PIPELINE
#define TF_REWIND
#elif defined(__SYNTHESIS__)
#define TF_INLINE static inline __attribute__((always_inline))
#define TF_LAYER static
#define TF_UNROLL_NEXT
#define TF_UNROLL _Pragma("HLS UNROLL")
#define TF_PIPELINE _Pragma("HLS PIPELINE II=1")
#define TF_REWIND _Pragma("HLS PIPELINE II=1 rewind")
#else
#define TF_INLINE static inline
#define TF_LAYER static
#define TF_UNROLL_NEXT
#define TF_UNROLL
#define TF_PIPELINE
#define TF_REWIND
#endif

namespace tf {

// How constants are stored: exactly W bits in hardware, the next native integer elsewhere.
#if defined(__SYNTHESIS__) && !defined(__BAMBU__)
template <int W>
struct storage {
  typedef ap_int<W> signed_word;
  typedef ap_uint<W> unsigned_word;
};
#else
template <int BYTES>
struct native;
template <>
struct native<1> {
  typedef int8_t signed_word;
  typedef uint8_t unsigned_word;
};
template <>
struct native<2> {
  typedef int16_t signed_word;
  typedef uint16_t unsigned_word;
};
template <>
struct native<4> {
  typedef int32_t signed_word;
  typedef uint32_t unsigned_word;
};
template <>
struct native<8> {
  typedef int64_t signed_word;
  typedef uint64_t unsigned_word;
};
template <int W>
struct storage : native<(W <= 8 ? 1 : W <= 16 ? 2 : W <= 32 ? 4 : 8)> {};
#endif
template <int W>
using stored = typename storage<W>::signed_word;
template <int W>
using ustored = typename storage<W>::unsigned_word;

// The word of type T with the given raw bits.
template <class T, class S>
TF_INLINE T word(const S &raw) {
  const ap_uint<T::width> bits = raw;
  T value;
  value.range(T::width - 1, 0) = bits;
  return value;
}

// The format a word is rounded to on its way into a T: T itself but where specialised below. Where rounding carries
// past an unsigned T's largest word, Bambu's headers lose the carry; one more integer bit keeps it for the clamping.
template <class T>
struct rounded {
  typedef T type;
};

// The word of T that x becomes.
template <class T, class X>
TF_INLINE T convert(const X &x) {
  const typename rounded<T>::type near = x;
  return near;
}

template <>
struct rounded<ap_ufixed<6,0,AP_RND_CONV,AP_SAT> > {
  typedef ap_fixed<8,2,AP_RND_CONV,AP_SAT> type;
};

// The raw integer of a word.
template <class T>
TF_INLINE ap_int<T::width> signed_bits(const T &value) {
  const ap_int<T::width> bits = value.range(T::width - 1, 0);
  return bits;
}
template <class T>
TF_INLINE ap_uint<T::width> unsigned_bits(const T &value) {
  const ap_uint<T::width> bits = value.range(T::width - 1, 0);
  return bits;
}

// The larger and the smaller of two words, as a T.
template <class T, class A, class B>
TF_INLINE T larger(const A &a, const B &b) {
  const T x = a;
  const T y = b;
  return x > y ? x : y;
}
template <class T, class A, class B>
TF_INLINE T smaller(const A &a, const B &b) {
  const T x = a;
  const T y = b;
  return x < y ? x : y;
}

// The table entry at an index, which is clamped to the table.
template <class T, int ENTRIES, class S, class INDEX>
TF_INLINE T lookup(const S table[ENTRIES], const INDEX &index) {
  int entry = 0;
  if (index > ENTRIES - 1)
    entry = ENTRIES - 1;
  else if (index > 0)
    entry = index.to_int();
  return word<T>(table[entry]);
}

// y = bias + x . weights for each of ROWS rows: the running sum keeps Y's format, each product becomes a P.
// Terms are added in the order 0, ORDER, 2*ORDER, ..., 1, 1+ORDER, ...
template <int ROWS, int INPUTS, int OUTPUTS, int ORDER, class W, class B, class P, class X, class SW, class SB,
          class Y>
TF_INLINE void affine(const X x[], const SW weights[][OUTPUTS], const SB bias[OUTPUTS], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      y[row * OUTPUTS + j] = convert<Y>(word<B>(bias[j]));
    }
    TF_UNROLL_NEXT
    for (int first = 0; first < ORDER; first++) {
      TF_UNROLL
      TF_UNROLL_NEXT
      for (int step = 0; step < (INPUTS + ORDER - 1) / ORDER; step++) {
        TF_UNROLL
        const int i = step * ORDER + first;
        if (i < INPUTS) {
          TF_UNROLL_NEXT
          for (int j = 0; j < OUTPUTS; j++) {
            TF_UNROLL
            const P product = convert<P>(x[row * INPUTS + i] * word<W>(weights[i][j]));
            y[row * OUTPUTS + j] = convert<Y>(y[row * OUTPUTS + j] + product);
          }
        }
      }
    }
  }
}

// The sum of LENGTH words from FIRST on, as a tree: the largest power of two below LENGTH, then the rest.
template <int LENGTH>
struct power_below {
  static const int half = (LENGTH + 1) / 2;
  static const int value = power_below<half>::value * 2;
};
template <>
struct power_below<2> {
  static const int value = 1;
};
template <int FIRST, int LENGTH, class X, class Y>
struct tree {
  static const int left = power_below<LENGTH>::value;
  static inline __attribute__((always_inline)) Y sum(const X x[], int from) {
    const Y a = tree<FIRST, left, X, Y>::sum(x, from);
    const Y b = tree<FIRST + left, LENGTH - left, X, Y>::sum(x, from);
    return convert<Y>(a + b);
  }
};
template <int FIRST, class X, class Y>
struct tree<FIRST, 1, X, Y> {
  static inline __attribute__((always_inline)) Y sum(const X x[], int from) { return convert<Y>(x[from + FIRST]); }
};

// The sum of each row as a balanced tree; terms and partial sums have Y's format.
template <int ROWS, int LENGTH, class X, class Y>
TF_INLINE void tree_sum(const X x[], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    y[row] = tree<0, LENGTH, X, Y>::sum(x, row * LENGTH);
  }
}

// The largest word of each row.
template <int ROWS, int LENGTH, class X>
TF_INLINE void maximum(const X x[], X y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    X best = x[row * LENGTH];
    TF_UNROLL_NEXT
    for (int k = 1; k < LENGTH; k++) {
      TF_UNROLL
      if (x[row * LENGTH + k] > best) best = x[row * LENGTH + k];
    }
    y[row] = best;
  }
}

}  // namespace tf

// The test bench records the words of every layer when built with TF_TRACE.
#ifdef TF_TRACE
#include "../tf_trace.h"
#define TF_RECORD(layer, words, count, is_signed) tf::record<is_signed>(layer, words, count)
#else
#define TF_RECORD(layer, words, count, is_signed)
#endif

#endif
