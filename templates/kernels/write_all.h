// Gives TOKENS tokens, one after the other.
template <int TOKENS, int WORDS, class TOKEN, class X>
TF_INLINE void write_all(hls::stream<TOKEN> &stream, const X x[]) {
  for (int t = 0; t < TOKENS; t++) {
    TF_FLOW
    write<WORDS>(stream, x, t * WORDS);
  }
}

