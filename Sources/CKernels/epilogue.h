// The epilogue of a dot product: from its sums to stored words.
#pragma once

#include "lanes.h"

// Conditions stand outside the loops over sums: they are the same for all of a step.

/// Drops a stage's bits. Rounding to even: x is half a step more than the number that is rounded, so where nothing is
/// left below the step there was a tie, and x − 1 lacks the step's own bit if x has it.
INLINE void shift_sums(vec sum[RESULTS][VECTORS], const tf_stage *stage) {
  if (stage->rounds_to_even) {
    const vec less = minus_one(), others = splat((int32_t)~(1u << stage->shift));
    FOR_SUMS(j, v) sum[j][v] &= (sum[j][v] + less) | others;
  }
  if (stage->shift) FOR_SUMS(j, v) sum[j][v] = shift_right(sum[j][v], stage->shift);
}

/// The same in int16.
INLINE void shift_pairs(vec pair[PAIRS][VECTORS], const tf_stage *stage) {
  if (stage->rounds_to_even) {
    const vec less = minus_one(), others = splat_int16(~(1 << stage->shift));
    FOR_PAIRS(j, v) pair[j][v] &= add_int16(pair[j][v], less) | others;
  }
  if (stage->shift) FOR_PAIRS(j, v) pair[j][v] = shift_int16_right(pair[j][v], stage->shift);
}

INLINE void clamp_sums(vec sum[RESULTS][VECTORS], const tf_stage *stage) {
  const vec low = splat(stage->low), high = splat(stage->high);
  if (stage->low > INT32_MIN) FOR_SUMS(j, v) sum[j][v] = maximum(sum[j][v], low);
  if (stage->high < INT32_MAX) FOR_SUMS(j, v) sum[j][v] = minimum(sum[j][v], high);
}

INLINE void clamp_pairs(vec pair[PAIRS][VECTORS], const tf_stage *stage) {
  const vec low = splat_int16(stage->low), high = splat_int16(stage->high);
  if (stage->low > INT16_MIN) FOR_PAIRS(j, v) pair[j][v] = (vec)__builtin_elementwise_max((vec16)pair[j][v], (vec16)low);
  if (stage->high < INT16_MAX) FOR_PAIRS(j, v) pair[j][v] = (vec)__builtin_elementwise_min((vec16)pair[j][v], (vec16)high);
}

/// Where the first result of the first vector goes, and how far from there those of the next vector are.
typedef struct {
  uint8_t *first;
  ptrdiff_t step;
} results;

/// Vectors of events that follow each other.
INLINE results in_order(uint8_t *to) { return (results){.first = to, .step = TF_VECTOR_BYTES}; }

INLINE void store_pairs(results to, vec pair[PAIRS][VECTORS]) {
  FOR_PAIRS(j, v) store_vec(to.first + j * STRIDE + v * to.step, pair[j][v]);
}

/// Finished sums to the arena, in 32 bits, or packed without being saturated.
INLINE void store_sums(results to, int storage, vec sum[RESULTS][VECTORS]) {
  if (storage == TF_U8) {
    FOR_VECTORS(v) {
      const vec low = sum[0][v] | shift_left(sum[1][v], 8);
      const vec high = shift_left(sum[2][v], 16) | shift_left(sum[3][v], 24);
      store_vec(to.first + v * to.step, low | high);
    }
  } else if (storage == TF_S16) {
    vec pair[PAIRS][VECTORS];
    FOR_PAIRS(j, v) pair[j][v] = low_pairs(sum[2 * j][v], sum[2 * j + 1][v]);
    store_pairs(to, pair);
  } else {
    FOR_SUMS(j, v) store_vec(to.first + j * STRIDE + v * to.step, sum[j][v]);
  }
}

INLINE void finish_words(results to, const tf_epilogue *epilogue, vec sum[RESULTS][VECTORS]) {
  shift_sums(sum, &epilogue->first);
  clamp_sums(sum, &epilogue->first);
  if (epilogue->wraps) {
    const int shift = epilogue->wrap_shift;
    const vec add = splat(epilogue->second.add);
    if (epilogue->wrap_signed) {
      FOR_SUMS(j, v) sum[j][v] = (shift_left(sum[j][v], shift) >> shift) + add;
    } else {
      FOR_SUMS(j, v) sum[j][v] = shift_logical(shift_left(sum[j][v], shift), shift) + add;
    }
    shift_sums(sum, &epilogue->second);
    clamp_sums(sum, &epilogue->second);
  }
  store_sums(to, epilogue->storage, sum);
}

/// A stage of one result; `converges` as in `tf_epilogue`.
INLINE void stage_of_one(vec word[VECTORS], const tf_stage *stage, int converges) {
  if (converges) {
    const vec less = splat(-(int32_t)stage->rounds_to_even);
    const vec others = splat(stage->rounds_to_even ? (int32_t)~(1u << stage->shift) : -1);
    FOR_VECTORS(v) word[v] &= (word[v] + less) | others;
  }
  const vec low = splat(stage->low), high = splat(stage->high);
  FOR_VECTORS(v) word[v] = minimum(maximum(word[v] >> stage->shift, low), high);
}

/// Every result in its own way.
INLINE void finish_each(results to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[RESULTS][VECTORS]) {
  UNROLL for (int j = 0; j < RESULTS; j++) {
    const tf_finish *way = &each[j];
    stage_of_one(sum[j], &way->first, epilogue->converges);
    if (epilogue->wraps) {
      const vec mask = splat(way->wrap_mask), add = splat(way->second.add);
      FOR_VECTORS(v) sum[j][v] = ((shift_left(sum[j][v], way->wrap_shift) >> way->wrap_shift) & mask) + add;
      stage_of_one(sum[j], &way->second, epilogue->converges);
    }
    if (epilogue->moves) {
      const vec add = splat(way->add);
      FOR_VECTORS(v) sum[j][v] = shift_left(sum[j][v], way->up) + add;
    }
  }
  store_sums(to, epilogue->storage, sum);
}

/// A result's sums shifted left by what it says and `more`, or right by what that is less than zero.
INLINE void shift_result(vec sum[VECTORS], const tf_finish *way, const int more) {
  const int count = way->shift + more;
#if defined(TF_USE_AVX2)
  // A broadcast from memory, where compilers would take the sum, made for the branch, from its register.
  vec counts = splat(way->shift);
  __asm__("" : "+x"(counts));
  counts += more;
  if (count >= 0) {
    FOR_VECTORS(v) sum[v] = (vec)_mm256_sllv_epi32((__m256i)sum[v], (__m256i)counts);
  } else {
    FOR_VECTORS(v) sum[v] = (vec)_mm256_srav_epi32((__m256i)sum[v], (__m256i)-counts);
  }
#else
  FOR_VECTORS(v) sum[v] = shift_either(sum[v], count);
#endif
}

/// Results FIRST and SECOND in their own ways as a pair of int16. Without instructions that pack: on some processors they are in
/// the multipliers' way.
INLINE void pairs_of_sums(vec pair[VECTORS], const tf_epilogue *epilogue, const tf_finish *each,
                          vec sum[RESULTS][VECTORS], const int first, const int second) {
#if defined(TF_USE_AVX512)
  if (epilogue->rotates) {
    const int lower = each[first].shift, upper = each[second].shift + 16;
    FOR_VECTORS(v) pair[v] = halves(rotate(sum[first][v], lower), rotate(sum[second][v], upper));
    return;
  }
#endif
  (void)epilogue;
  shift_result(sum[first], &each[first], 0);
  shift_result(sum[second], &each[second], 16);
  FOR_VECTORS(v) pair[v] = halves(sum[first][v], sum[second][v]);
}

/// Every result in its own way, in int16 as soon as it is shifted.
INLINE void finish_in_pairs(results to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[RESULTS][VECTORS]) {
  vec pair[PAIRS][VECTORS];
  // Which results are pairs. With constant numbers, so that the sums stay in registers.
  if (epilogue->storage == TF_U8) {
    pairs_of_sums(pair[0], epilogue, each, sum, 0, 2);
    pairs_of_sums(pair[1], epilogue, each, sum, 1, 3);
  } else {
    pairs_of_sums(pair[0], epilogue, each, sum, 0, 1);
    pairs_of_sums(pair[1], epilogue, each, sum, 2, 3);
  }
  if (epilogue->raises) {
    FOR_PAIRS(j, v) pair[j][v] = (vec)__builtin_elementwise_max((vec16)pair[j][v], (vec16)splat(each[j].pair.low));
  }
  if (epilogue->lowers) {
    FOR_PAIRS(j, v) pair[j][v] = (vec)__builtin_elementwise_min((vec16)pair[j][v], (vec16)splat(each[j].pair.high));
  }
  if (epilogue->masks) FOR_PAIRS(j, v) pair[j][v] &= splat(each[j].pair.mask);
  if (epilogue->flips) FOR_PAIRS(j, v) pair[j][v] ^= splat(each[j].pair.flip);
  if (epilogue->adds) FOR_PAIRS(j, v) pair[j][v] = add_int16(pair[j][v], splat(each[j].pair.add));
  if (epilogue->storage == TF_U8) {
    FOR_VECTORS(v) store_vec(to.first + v * to.step, pair[0][v] | shift_left(pair[1][v], 8));
    return;
  }
  store_pairs(to, pair);
}

#if defined(TF_PACKS)
INLINE void finish_saturating(results to, const tf_epilogue *epilogue, vec sum[RESULTS][VECTORS]) {
  const tf_stage *stage = &epilogue->first;
  vec pair[PAIRS][VECTORS];
  if (!epilogue->packs_first) shift_sums(sum, stage);
  FOR_PAIRS(j, v) pair[j][v] = pack_int16(sum[2 * j][v], sum[2 * j + 1][v]);
  if (epilogue->packs_first) shift_pairs(pair, stage);
  if (epilogue->storage == TF_S16) {
    FOR_PAIRS(j, v) pair[j][v] = ordered_pairs(pair[j][v]);
    clamp_pairs(pair, stage);
    store_pairs(to, pair);
    return;
  }
  vec four[VECTORS];
  const vec low = splat_bytes(stage->low), high = splat_bytes(stage->high);
  FOR_VECTORS(v) four[v] = bytes_of_int16(pair[0][v], pair[1][v]);
  if (stage->low > 0) {
    FOR_VECTORS(v) four[v] = (vec)__builtin_elementwise_max((vec8)four[v], (vec8)low);
  }
  if (stage->high < UINT8_MAX) {
    FOR_VECTORS(v) four[v] = (vec)__builtin_elementwise_min((vec8)four[v], (vec8)high);
  }
  FOR_VECTORS(v) store_vec(to.first + v * to.step, four[v]);
}
#endif

/// From pairs of wrapped int16 on. Bytes are stored only where there are instructions to pack them.
INLINE void finish_pairs(results to, const tf_epilogue *epilogue, vec pair[PAIRS][VECTORS]) {
  shift_pairs(pair, &epilogue->second);
  clamp_pairs(pair, &epilogue->second);
#if defined(TF_PACKS)
  if (epilogue->storage == TF_U8) {
    FOR_VECTORS(v)
      store_vec(to.first + v * to.step, bytes_of_pairs(pair[0][v], pair[1][v]));
    return;
  }
#endif
  store_pairs(to, pair);
}

/// Sums to stored words, in the lanes from `to` on.
///
/// - Parameter each: TF_FINISH_EACH only: the results' ways.
INLINE void finish_at(results to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[RESULTS][VECTORS]) {
  if (epilogue->finish == TF_FINISH_EACH) {
    finish_each(to, epilogue, each, sum);
    return;
  }
  if (epilogue->finish == TF_FINISH_PAIRS) {
    finish_in_pairs(to, epilogue, each, sum);
    return;
  }
#if defined(TF_PACKS)
  if (epilogue->finish == TF_FINISH_SATURATING) {
    finish_saturating(to, epilogue, sum);
    return;
  }
#endif
  if (epilogue->finish == TF_FINISH_WRAPPING) {
    vec pair[PAIRS][VECTORS];
    shift_sums(sum, &epilogue->first);
    clamp_sums(sum, &epilogue->first);
    FOR_PAIRS(j, v) pair[j][v] = low_pairs(sum[2 * j][v], sum[2 * j + 1][v]);
    finish_pairs(to, epilogue, pair);
    return;
  }
  finish_words(to, epilogue, sum);
}

INLINE void finish(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[RESULTS][VECTORS]) {
  finish_at(in_order(to), epilogue, each, sum);
}

// The same where it is known which way it is.
#if defined(TF_PACKS)
INLINE void finish_by_saturating(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each,
                                 vec sum[RESULTS][VECTORS]) {
  (void)each;
  finish_saturating(in_order(to), epilogue, sum);
}
#endif
INLINE void finish_by_pairs(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each, vec sum[RESULTS][VECTORS]) {
  finish_in_pairs(in_order(to), epilogue, each, sum);
}

// Sums of DOT_HIGH to stored words: the two int16 of a lane have summed the even and the odd elements.

INLINE void finish_high_by_wrapping(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each,
                                    vec sum[RESULTS][VECTORS]) {
  (void)each;
  vec pair[PAIRS][VECTORS];
  FOR_PAIRS(j, v) {
    const vec a = sum[2 * j][v], b = sum[2 * j + 1][v];
    pair[j][v] = add_int16(low_pairs(a, b), high_pairs(a, b));
  }
  finish_pairs(in_order(to), epilogue, pair);
}

/// What does not wrap.
INLINE void finish_high(uint8_t *to, const tf_epilogue *epilogue, const tf_finish *each,
                        vec sum[RESULTS][VECTORS]) {
  FOR_SUMS(j, v) sum[j][v] = (sum[j][v] + shift_left(sum[j][v], 16)) >> 16;
  if (epilogue->finish == TF_FINISH_EACH) {
    finish_each(in_order(to), epilogue, each, sum);
    return;
  }
  if (epilogue->finish == TF_FINISH_PAIRS) {
    finish_in_pairs(in_order(to), epilogue, each, sum);
    return;
  }
  finish_words(in_order(to), epilogue, sum);
}
