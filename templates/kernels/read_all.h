// Takes TOKENS tokens, one after the other.
template <int TOKENS, int WORDS, class TOKEN, class X>
TF_INLINE void read_all(hls::stream<TOKEN> &stream, X x[]) {
  for (int t = 0; t < TOKENS; t++) {
    TF_FLOW
    read<WORDS>(stream, x, t * WORDS);
  }
}

