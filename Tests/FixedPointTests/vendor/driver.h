// Evaluates vendor ap_fixed/ap_int operations for the Swift tests, which compare every bit.
//
// VendorReferee.swift writes a list of cases (template instantiations) after this header, compiles it against
// the vendor's headers and runs it as `driver INPUT OUTPUT`. INPUT holds, for each case in order, a row count
// (8 bytes) and the rows; OUTPUT the result rows. Every word is a 16-byte little-endian two's complement integer.

#include <ap_fixed.h>
#include <ap_int.h>

#include <cstdio>
#include <cstring>
#include <vector>

typedef __int128 Word;

// Words in and out of the vendor's integers.

template <int W, bool S>
void put(ap_private<W, S, true>& v, Word word) {
  v = (ap_ulong)word;
}

template <int W, bool S>
void put(ap_private<W, S, false>& v, Word word) {
  v = (ap_slong)(word >> 64);
  v = v << 64;
  v |= ap_private<W, S, false>((ap_ulong)word);
}

template <int W, bool S>
Word get(const ap_private<W, S, true>& v) {
  return S ? (Word)v.to_int64() : (Word)v.to_uint64();
}

template <int W, bool S>
Word get(const ap_private<W, S, false>& v) {
  const ap_private<W, S, false> high = v >> 64;
  return (Word)((unsigned __int128)(Word)high.to_int64() << 64 | v.to_uint64());
}

template <class T>
void load(T& x, Word word) {
  put(x.V, word);
}
inline void load(int& x, Word word) { x = (int)word; }

template <class T>
Word store(const T& x) {
  return get(x.V);
}

inline double asDouble(Word word) {
  const ap_ulong bits = (ap_ulong)word;
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

inline Word bitsOf(double value) {
  ap_ulong bits;
  memcpy(&bits, &value, sizeof bits);
  return (Word)bits;
}

// A result's format, as the C++ type system has it: width, integer bits, signedness in one word.

inline Word packed(int width, int integerBits, bool isSigned) {
  return (Word)width * 65536 + (integerBits + 16384) * 2 + isSigned;
}

template <int W, int I, bool S, ap_q_mode Q, ap_o_mode O, int N>
Word formatOf(const ap_fixed_base<W, I, S, Q, O, N>&) {
  return packed(W, I, S);
}

template <int W, bool S>
Word formatOf(const ap_int_base<W, S>&) {
  return packed(W, W, S);
}

// The operations: rows of words in, rows of words out.

template <class Source, class Target>
void convert(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row) {
    Source x;
    load(x, in[row]);
    Target y = x;
    out[row] = store(y);
  }
}

template <class Target>
void fromDouble(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row) {
    Target y = asDouble(in[row]);
    out[row] = store(y);
  }
}

template <class Target>
void fromFloat(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row) {
    Target y = (float)asDouble(in[row]);
    out[row] = store(y);
  }
}

template <class Source>
void toDouble(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row) {
    Source x;
    load(x, in[row]);
    out[row] = bitsOf(x.to_double());
  }
}

// In: a, b. Out: a + b, a - b, a * b and their formats, -a, a < b, a == b.
template <class A, class B>
void arithmetic(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row, in += 2, out += 9) {
    A a;
    B b;
    load(a, in[0]);
    load(b, in[1]);
    const auto sum = a + b;
    const auto difference = a - b;
    const auto product = a * b;
    out[0] = store(sum);
    out[1] = formatOf(sum);
    out[2] = store(difference);
    out[3] = formatOf(difference);
    out[4] = store(product);
    out[5] = formatOf(product);
    out[6] = store(-a);
    out[7] = a < b;
    out[8] = a == b;
  }
}

// In: a, b ≠ 0. Out: a / b and its format.
template <class A, class B>
void divide(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row, in += 2, out += 2) {
    A a;
    B b;
    load(a, in[0]);
    load(b, in[1]);
    const auto quotient = a / b;
    out[0] = store(quotient);
    out[1] = formatOf(quotient);
  }
}

// In: a, count. Out: a << count, a >> count.
template <class A>
void shift(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row, in += 2, out += 2) {
    A a;
    load(a, in[0]);
    const int count = (int)in[1];
    out[0] = store(a << count);
    out[1] = store(a >> count);
  }
}

// In: a, b. Out: the word of `A a; a += b`, which is how hls4ml accumulates.
template <class A, class B>
void accumulate(const Word* in, Word* out, long rows) {
  for (long row = 0; row < rows; ++row, in += 2, out += 1) {
    A a;
    B b;
    load(a, in[0]);
    load(b, in[1]);
    a += b;
    out[0] = store(a);
  }
}

struct Case {
  void (*run)(const Word*, Word*, long);
  int inputs, outputs;
};

extern const Case cases[];
extern const long caseCount;

int main(int argc, char** argv) {
  if (argc != 3) return 64;
  FILE* input = fopen(argv[1], "rb");
  FILE* output = fopen(argv[2], "wb");
  if (!input || !output) return 66;
  for (long index = 0; index < caseCount; ++index) {
    const Case& c = cases[index];
    long rows = 0;
    if (fread(&rows, sizeof rows, 1, input) != 1) return 65;
    std::vector<Word> in(rows * c.inputs), out(rows * c.outputs);
    if (fread(in.data(), sizeof(Word), in.size(), input) != in.size()) return 65;
    c.run(in.data(), out.data(), rows);
    if (fwrite(out.data(), sizeof(Word), out.size(), output) != out.size()) return 74;
  }
  return fclose(output) ? 74 : 0;
}
