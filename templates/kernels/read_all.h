// Takes TOKENS tokens, one after the other.
template <int TOKENS, int WORDS, class TOKEN, class X>
TF_INLINE void read_all(hls::stream<TOKEN> &from, X x[]) {
  for (int t = 0; t < TOKENS; t++) {
    TF_FLOW
    const TOKEN token = from.read();
#ifndef __BAMBU__
#pragma HLS AGGREGATE variable=token compact=bit
#endif
    TF_UNROLL_NEXT
    for (int k = 0; k < WORDS; k++) {
      TF_UNROLL
      x[t * WORDS + k] = token.word[k];
    }
  }
}

