// Gives TOKENS tokens, one after the other.
template <int TOKENS, int WORDS, class TOKEN, class X>
TF_INLINE void write_all(hls::stream<TOKEN> &to, const X x[]) {
  for (int t = 0; t < TOKENS; t++) {
    TF_FLOW
    TOKEN token;
#ifndef __BAMBU__
#pragma HLS AGGREGATE variable=token compact=bit
#endif
    TF_UNROLL_NEXT
    for (int k = 0; k < WORDS; k++) {
      TF_UNROLL
      token.word[k] = x[t * WORDS + k];
    }
    to.write(token);
  }
}

