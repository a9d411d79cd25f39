// Reading and writing raw words as decimal integers, for the test bench only.
#ifndef TF_HOST_H
#define TF_HOST_H

#include <stdio.h>

#include <string>
#include <vector>

#include "ap_fixed.h"
#include "ap_int.h"

namespace tf {

typedef __int128 integer;

// The raw integer of a word, by its sign.
template <bool IS_SIGNED>
struct raw {
  template <class T>
  static integer of(const T &value) {
    const ap_int<128> bits = ap_int<T::width>(ap_uint<T::width>(value.range(T::width - 1, 0)));
    return join(bits);
  }
  static integer join(const ap_int<128> &bits) {
    const ap_uint<64> high = bits.range(127, 64);
    const ap_uint<64> low = bits.range(63, 0);
    return (integer)(((unsigned __int128)high.to_uint64() << 64) | low.to_uint64());
  }
};
template <>
struct raw<false> {
  template <class T>
  static integer of(const T &value) {
    const ap_int<128> bits = ap_uint<T::width>(value.range(T::width - 1, 0));
    return raw<true>::join(bits);
  }
};

// The word of type T with the given raw integer.
template <class T>
inline T from_raw(integer number) {
  ap_uint<128> bits = (uint64_t)((unsigned __int128)number >> 64);
  bits = (bits << 64) | ap_uint<128>((uint64_t)number);
  const ap_uint<T::width> kept = bits;
  T value;
  value.range(T::width - 1, 0) = kept;
  return value;
}

// Reads the next integer of a line; false at the end of the line or file.
inline bool read_integer(FILE *file, integer &number) {
  int c = getc(file);
  while (c == ' ' || c == '\t' || c == '\r') c = getc(file);
  if (c == '\n' || c == EOF) return false;
  const bool negative = c == '-';
  if (negative) c = getc(file);
  unsigned __int128 magnitude = 0;
  bool any = false;
  while (c >= '0' && c <= '9') {
    magnitude = magnitude * 10 + (c - '0');
    any = true;
    c = getc(file);
  }
  if (c != EOF) ungetc(c, file);
  number = (integer)(negative ? -magnitude : magnitude);
  return any;
}

inline void write_integer(FILE *file, integer number) {
  char digits[48];
  int at = sizeof digits;
  unsigned __int128 magnitude = number < 0 ? -(unsigned __int128)number : number;
  do {
    digits[--at] = '0' + (int)(magnitude % 10);
    magnitude /= 10;
  } while (magnitude != 0);
  if (number < 0) digits[--at] = '-';
  fwrite(digits + at, 1, sizeof digits - at, file);
}

inline void write_line(FILE *file, const std::vector<integer> &numbers) {
  for (size_t k = 0; k < numbers.size(); k++) {
    if (k > 0) putc(' ', file);
    write_integer(file, numbers[k]);
  }
  putc('\n', file);
}

inline bool read_line(FILE *file, std::vector<integer> &numbers) {
  numbers.clear();
  integer number;
  while (read_integer(file, number)) numbers.push_back(number);
  return !numbers.empty();
}

}  // namespace tf

#endif
