// One token's share of y = bias + x . weights: the first token starts from the bias. The running sum keeps Y's
// format, each product becomes a P. Where the order of the sum shows nowhere (IS_FREE), the token's products are
// added up first, so that only one addition waits for the token before. Weights are stored token by token, in
// memories of KEPT words a row.
template <int TOKENS, int INPUTS, int OUTPUTS, class W, class B, class P, bool IS_FREE, class X, class SW, int KEPT,
          class SB, class Y>
TF_INLINE void accumulate(int token, const X x[], const SW weights[][TOKENS][KEPT], const SB bias[OUTPUTS], Y y[]) {
  TF_UNROLL_NEXT
  for (int j = 0; j < OUTPUTS; j++) {
    TF_UNROLL
    Y before = y[j];
    if (token == 0) before = convert<Y>(word<B>(bias[j]));
    Y sum = before;
    if (IS_FREE) sum = 0;
    TF_UNROLL_NEXT
    for (int i = 0; i < INPUTS; i++) {
      TF_UNROLL
      const int at = i * OUTPUTS + j;
      const P product = convert<P>(x[i] * word<W>(weights[at / KEPT][token][at % KEPT]));
      sum = convert<Y>(sum + product);
    }
    if (IS_FREE) sum = convert<Y>(sum + before);
    y[j] = sum;
  }
}

