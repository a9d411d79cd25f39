// One vector of 32-bit lanes, and the few operations on it that C's vector types do not spell.
//
// Defined by the including file: TF_VECTOR_BYTES and, for x86-64, one of TF_USE_SSE2, TF_USE_AVX2,
// TF_USE_AVX512; TF_USE_VNNI besides where there are dot products of that length. For arm64, TF_USE_DOTPROD where there are dot
// products, and TF_USE_I8MM besides where those of unsigned and signed bytes are among them. Without one of those the same
// operations are written out in plain C.
#pragma once

#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

typedef int32_t vec __attribute__((vector_size(TF_VECTOR_BYTES)));
typedef uint32_t uvec __attribute__((vector_size(TF_VECTOR_BYTES)));
typedef int16_t vec16 __attribute__((vector_size(TF_VECTOR_BYTES)));
typedef uint16_t uvec16 __attribute__((vector_size(TF_VECTOR_BYTES)));
typedef uint8_t vec8 __attribute__((vector_size(TF_VECTOR_BYTES)));
/// The same in memory that is only aligned for its lanes.
typedef int32_t loose __attribute__((vector_size(TF_VECTOR_BYTES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
/// A function that may need more vectors than there are registers: its stack is aligned for them. Callers align it to 16 bytes
/// alone, and where a thread's stack happens to have a vector across two pages a step takes twice as long.
#if defined(__x86_64__)
#define ALIGNED_STACK static __attribute__((force_align_arg_pointer))
#else
#define ALIGNED_STACK static
#endif
#define LANES (TF_VECTOR_BYTES / 4)

#define UNROLL _Pragma("clang loop unroll(full)")

INLINE vec load_vec(const void *from) { return *(const loose *)from; }
INLINE void store_vec(void *to, vec v) { *(loose *)to = v; }
INLINE vec splat(int32_t word) { return (vec){} + word; }
INLINE vec shift_left(vec v, int count) { return (vec)((uvec)v << (uint32_t)count); }
INLINE vec add_lanes(vec a, vec b) { return a + b; }
INLINE vec add_int16(vec a, vec b) { return (vec)((vec16)a + (vec16)b); }
INLINE vec shift_logical(vec v, int count) { return (vec)((uvec)v >> (uint32_t)count); }
// By a vector of counts: AVX-512's shifts by one count for all take one more instruction.
#if defined(TF_USE_AVX512)
INLINE vec shift_right(vec v, int count) { return (vec)_mm512_srav_epi32((__m512i)v, (__m512i)splat(count)); }
INLINE vec shift_int16_right(vec v, int count) {
  return (vec)_mm512_srav_epi16((__m512i)v, _mm512_set1_epi16((int16_t)count));
}
INLINE vec16 shift_words_left(vec16 v, int count) {
  return (vec16)_mm512_sllv_epi16((__m512i)v, _mm512_set1_epi16((int16_t)count));
}
INLINE vec16 shift_words_logical(vec16 v, int count) {
  return (vec16)_mm512_srlv_epi16((__m512i)v, _mm512_set1_epi16((int16_t)count));
}
/// To the left, or to the right where the count is less than zero: one instruction, whichever it is.
INLINE vec rotate(vec v, int count) { return (vec)_mm512_rolv_epi32((__m512i)v, (__m512i)splat(count)); }
#else
INLINE vec shift_right(vec v, int count) { return v >> count; }
INLINE vec shift_int16_right(vec v, int count) { return (vec)((vec16)v >> (int16_t)count); }
// Of int16; by 16 nothing is left, which C leaves open.
INLINE vec16 shift_words_left(vec16 v, int count) {
  return count < 16 ? (vec16)((uvec16)v << (uint16_t)count) : (vec16){};
}
INLINE vec16 shift_words_logical(vec16 v, int count) {
  return count < 16 ? (vec16)((uvec16)v >> (uint16_t)count) : (vec16){};
}
#endif
/// int16 over 2^count, count from 0 to 15, rounded toward zero: what is negative is moved up first.
INLINE vec toward_zero(vec v, int count) {
  return shift_int16_right(add_int16(v, (vec)shift_words_logical((vec16)shift_int16_right(v, 15), 16 - count)), count);
}
/// Shifted left by a count, or right by what it is less than zero.
INLINE vec shift_either(vec v, int count) {
#if defined(TF_USE_AVX512)
  if (count >= 0) return (vec)_mm512_sllv_epi32((__m512i)v, (__m512i)splat(count));
#else
  if (count >= 0) return shift_left(v, count);
#endif
  return shift_right(v, -count);
}
INLINE vec maximum(vec a, vec b) { return __builtin_elementwise_max(a, b); }
INLINE vec minimum(vec a, vec b) { return __builtin_elementwise_min(a, b); }

INLINE vec low_products(vec a, vec b) { return (vec)((vec16)a * (vec16)b); }
/// The lower int16 of a and the upper ones of b.
INLINE vec halves(vec a, vec b) {
#if defined(TF_USE_AVX512)
  return (vec)_mm512_mask_mov_epi16((__m512i)a, 0xaaaaaaaau, (__m512i)b);
#elif defined(TF_USE_AVX2)
  return (vec)_mm256_blend_epi16((__m256i)a, (__m256i)b, 0xaa);
#else
  return (a & splat(0xffff)) | (b & splat(-65536));
#endif
}

/// All bits set, from a register: compilers take it for so cheap that they would make it anew every time.
INLINE vec minus_one(void) {
  vec ones = splat(-1);
#if defined(__x86_64__)
  __asm__("" : "+v"(ones));
#endif
  return ones;
}
#if defined(TF_USE_AVX2) && !defined(TF_USE_VNNI)
/// Where additions may take the pipes that multiply, the order of both counts.
#define TF_MULTIPLIES_FIRST
#endif
#if defined(TF_MULTIPLIES_FIRST) || defined(TF_USE_AVX512)
/// The same vector, computed before what the next of these computes: compilers would order instructions as they like.
INLINE vec in_turn(vec v) {
#if defined(TF_USE_AVX512)
  __asm__ volatile("" : "+v"(v));
#else
  __asm__ volatile("" : "+x"(v));
#endif
  return v;
}
#endif
INLINE vec splat_bytes(int32_t byte) { return splat((int32_t)((uint32_t)(byte & 0xff) * 0x01010101u)); }
INLINE vec splat_int16(int32_t half) { return splat((int32_t)((uint32_t)half << 16 | (half & 0xffff))); }
/// The low 16 bits of a and b: a's below b's.
INLINE vec low_pairs(vec a, vec b) { return (a & splat(0xffff)) | shift_left(b, 16); }
/// The high 16 bits of a and b: a's below b's.
INLINE vec high_pairs(vec a, vec b) { return shift_logical(a, 16) | (b & splat(-65536)); }

#if defined(TF_USE_AVX512)
INLINE vec products(vec x, vec w) { return (vec)_mm512_madd_epi16((__m512i)x, (__m512i)w); }
INLINE vec high_products(vec x, vec w) { return (vec)_mm512_mulhi_epi16((__m512i)x, (__m512i)w); }
INLINE vec byte_products(vec x, vec w) { return (vec)_mm512_maddubs_epi16((__m512i)x, (__m512i)w); }
#elif defined(TF_USE_AVX2)
INLINE vec products(vec x, vec w) { return (vec)_mm256_madd_epi16((__m256i)x, (__m256i)w); }
INLINE vec high_products(vec x, vec w) { return (vec)_mm256_mulhi_epi16((__m256i)x, (__m256i)w); }
INLINE vec byte_products(vec x, vec w) { return (vec)_mm256_maddubs_epi16((__m256i)x, (__m256i)w); }
#elif defined(TF_USE_SSE2)
INLINE vec products(vec x, vec w) { return (vec)_mm_madd_epi16((__m128i)x, (__m128i)w); }
INLINE vec high_products(vec x, vec w) { return (vec)_mm_mulhi_epi16((__m128i)x, (__m128i)w); }
#else
INLINE vec low_half(vec v) { return shift_left(v, 16) >> 16; }
#if defined(__aarch64__)
INLINE vec products(vec x, vec w) {
  const int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)x), vget_low_s16((int16x8_t)w));
  return (vec)vpaddq_s32(low, vmull_high_s16((int16x8_t)x, (int16x8_t)w));
}
#else
INLINE vec products(vec x, vec w) { return low_half(x) * low_half(w) + (x >> 16) * (w >> 16); }
#endif
INLINE vec high_products(vec x, vec w) {
  return shift_logical(low_half(x) * low_half(w), 16) | (((x >> 16) * (w >> 16)) & splat(-65536));
}
#endif

// Packing four results into bytes and two into int16. Instructions that pack work within 16 bytes, so bytes
// are put in order afterwards.
#if defined(TF_USE_AVX512)
#define TF_PACKS
#define TAKE_BYTES _mm_setr_epi8
INLINE vec shuffle_bytes(vec v, __m128i order) {
  return (vec)_mm512_shuffle_epi8((__m512i)v, _mm512_broadcast_i32x4(order));
}
INLINE vec pack_int16(vec a, vec b) { return (vec)_mm512_packs_epi32((__m512i)a, (__m512i)b); }
INLINE vec pack_uint8(vec a, vec b) { return (vec)_mm512_packus_epi16((__m512i)a, (__m512i)b); }
// int16 of a and b by turns, of the lower or higher half of every 16 bytes: what packing puts back.
INLINE vec interleaved_low(vec a, vec b) { return (vec)_mm512_unpacklo_epi16((__m512i)a, (__m512i)b); }
INLINE vec interleaved_high(vec a, vec b) { return (vec)_mm512_unpackhi_epi16((__m512i)a, (__m512i)b); }
#elif defined(TF_USE_AVX2)
#define TF_PACKS
#define TAKE_BYTES _mm_setr_epi8
INLINE vec shuffle_bytes(vec v, __m128i order) {
  return (vec)_mm256_shuffle_epi8((__m256i)v, _mm256_broadcastsi128_si256(order));
}
INLINE vec pack_int16(vec a, vec b) { return (vec)_mm256_packs_epi32((__m256i)a, (__m256i)b); }
INLINE vec pack_uint8(vec a, vec b) { return (vec)_mm256_packus_epi16((__m256i)a, (__m256i)b); }
INLINE vec interleaved_low(vec a, vec b) { return (vec)_mm256_unpacklo_epi16((__m256i)a, (__m256i)b); }
INLINE vec interleaved_high(vec a, vec b) { return (vec)_mm256_unpackhi_epi16((__m256i)a, (__m256i)b); }
#elif defined(TF_USE_SSE2)
INLINE vec pack_int16(vec a, vec b) { return (vec)_mm_packs_epi32((__m128i)a, (__m128i)b); }
INLINE vec interleaved_low(vec a, vec b) { return (vec)_mm_unpacklo_epi16((__m128i)a, (__m128i)b); }
INLINE vec interleaved_high(vec a, vec b) { return (vec)_mm_unpackhi_epi16((__m128i)a, (__m128i)b); }
#elif defined(TF_USE_DOTPROD)
#define TF_PACKS
#define TAKE_BYTES(...) ((uint8x16_t){__VA_ARGS__})
INLINE vec shuffle_bytes(vec v, uint8x16_t order) { return (vec)vqtbl1q_u8((uint8x16_t)v, order); }
INLINE vec pack_int16(vec a, vec b) { return (vec)vqmovn_high_s32(vqmovn_s32((int32x4_t)a), (int32x4_t)b); }
INLINE vec pack_uint8(vec a, vec b) { return (vec)vqmovun_high_s16(vqmovun_s16((int16x8_t)a), (int16x8_t)b); }
INLINE vec interleaved_low(vec a, vec b) { return (vec)vzip1q_s16((int16x8_t)a, (int16x8_t)b); }
INLINE vec interleaved_high(vec a, vec b) { return (vec)vzip2q_s16((int16x8_t)a, (int16x8_t)b); }
#endif

#if defined(TF_PACKS)
/// Two results as `pack_int16` leaves them, a's below b's.
INLINE vec ordered_pairs(vec ab) {
  return shuffle_bytes(ab, TAKE_BYTES(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
}
/// Four results as int16, saturated to bytes; ab is what `pack_int16` makes of the first two.
INLINE vec bytes_of_int16(vec ab, vec cd) {
  return shuffle_bytes(pack_uint8(ab, cd), TAKE_BYTES(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
}
/// Four results as pairs of int16, saturated to bytes.
INLINE vec bytes_of_pairs(vec ab, vec cd) {
  return shuffle_bytes(pack_uint8(ab, cd), TAKE_BYTES(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15));
}
#endif

// sum + products of a lane: of two int16, or of four unsigned and signed bytes.
#if defined(TF_USE_VNNI) && defined(TF_USE_AVX512)
INLINE vec dot_bytes(vec sum, vec x, vec w) {
  return (vec)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
}
INLINE vec dot_int16(vec sum, vec x, vec w) {
  return (vec)_mm512_dpwssd_epi32((__m512i)sum, (__m512i)x, (__m512i)w);
}
#elif defined(TF_USE_VNNI)
INLINE vec dot_bytes(vec sum, vec x, vec w) {
  return (vec)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)x, (__m256i)w);
}
INLINE vec dot_int16(vec sum, vec x, vec w) {
  return (vec)_mm256_dpwssd_avx_epi32((__m256i)sum, (__m256i)x, (__m256i)w);
}
#else
INLINE vec dot_int16(vec sum, vec x, vec w) { return sum + products(x, w); }
#if defined(TF_USE_I8MM)
INLINE vec dot_bytes(vec sum, vec x, vec w) { return (vec)vusdotq_s32((int32x4_t)sum, (uint8x16_t)x, (int8x16_t)w); }
#elif defined(TF_USE_DOTPROD)
/// Of two signed bytes each: x is less by 128 then, which the sum of the weights, the same for all vectors, makes up for.
INLINE vec dot_bytes(vec sum, vec x, vec w) {
  const vec less = (vec)vdotq_s32(vdupq_n_s32(0), vdupq_n_s8(-128), (int8x16_t)w);
  return (vec)vdotq_s32((int32x4_t)sum, (int8x16_t)(x ^ splat_bytes(0x80)), (int8x16_t)w) - less;
}
#elif defined(TF_PACKS)
/// Products of bytes are added in int16, as many as a pattern says may be: dots.h.
#define TF_ADDS_BYTES_IN_INT16
#else
/// Bytes are stored only where there are instructions for their products: this is for completeness.
INLINE vec dot_bytes(vec sum, vec x, vec w) {
  for (int i = 0; i < 32; i += 8) sum += ((x >> i) & splat(255)) * (shift_left(w, 24 - i) >> 24);
  return sum;
}
#endif
#endif
