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

