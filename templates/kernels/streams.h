}  // namespace tf

#include "hls_stream.h"

// TF_PROCESS is a process of the dataflow; TF_FLOW makes a loop over tokens a pipeline in which passes that have
// begun end even where the next token is missing.
#if defined(__BAMBU__)
#define TF_PROCESS static __attribute__((noinline))
#define TF_FLOW
#elif defined(__SYNTHESIS__)
#define TF_PROCESS static
#define TF_FLOW _Pragma("HLS PIPELINE II=1 style=flp")
#else
#define TF_PROCESS static
#define TF_FLOW
#endif

namespace tf {

// Takes one token of WORDS words, the first of them to x[from]; the first word is in the lowest bits.
template <int WORDS, class TOKEN, class X>
TF_INLINE void read(hls::stream<TOKEN> &stream, X x[], int from = 0) {
  const TOKEN token = stream.read();
  TF_UNROLL_NEXT
  for (int k = 0; k < WORDS; k++) {
    TF_UNROLL
    const ap_uint<X::width> bits = token.range((k + 1) * X::width - 1, k * X::width);
    x[from + k] = word<X>(bits);
  }
}

// Gives one token of WORDS words, the first of them x[from].
template <int WORDS, class TOKEN, class X>
TF_INLINE void write(hls::stream<TOKEN> &stream, const X x[], int from = 0) {
  TOKEN token = 0;
  TF_UNROLL_NEXT
  for (int k = 0; k < WORDS; k++) {
    TF_UNROLL
    const ap_uint<X::width> bits = x[from + k].range(X::width - 1, 0);
    token.range((k + 1) * X::width - 1, k * X::width) = bits;
  }
  stream.write(token);
}

