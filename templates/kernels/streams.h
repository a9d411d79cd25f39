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

// Takes one token of WORDS words.
template <int WORDS, class TOKEN, class X>
TF_INLINE void read(hls::stream<TOKEN> &from, X x[]) {
  const TOKEN token = from.read();
#ifndef __BAMBU__
#pragma HLS AGGREGATE variable=token compact=bit
#endif
  TF_UNROLL_NEXT
  for (int k = 0; k < WORDS; k++) {
    TF_UNROLL
    x[k] = token.word[k];
  }
}

// Gives one token of WORDS words.
template <int WORDS, class TOKEN, class X>
TF_INLINE void write(hls::stream<TOKEN> &to, const X x[]) {
  TOKEN token;
#ifndef __BAMBU__
#pragma HLS AGGREGATE variable=token compact=bit
#endif
  TF_UNROLL_NEXT
  for (int k = 0; k < WORDS; k++) {
    TF_UNROLL
    token.word[k] = x[k];
  }
  to.write(token);
}

