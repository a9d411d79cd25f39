// z[b][m][n] = sum over k of x[b][m][k] * y[b][n][k], the running sum in Z's format, each product a P.
template <int BATCH, int ROWS, int COLUMNS, int DEPTH, class P, class X, class Y, class Z>
TF_INLINE void contract(const X x[], const Y y[], Z z[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < BATCH * ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int column = 0; column < COLUMNS; column++) {
      TF_UNROLL
      Z sum = 0;
      TF_UNROLL_NEXT
      for (int k = 0; k < DEPTH; k++) {
        TF_UNROLL
        const P product = convert<P>(x[row * DEPTH + k] * y[(row / ROWS * COLUMNS + column) * DEPTH + k]);
        sum = convert<Z>(sum + product);
      }
      z[row * COLUMNS + column] = sum;
    }
  }
}

