// One step of y = bias + x . weights on fewer multipliers than outputs: multiplier m makes the outputs m * COLUMNS,
// m * COLUMNS + 1, ..., one after the other, one product at a time. Weights are stored step by step, in memories of
// KEPT words a row.
template <int ROWS, int COLUMNS, int INPUTS, int OUTPUTS, class W, class B, class P, class X, class SW, int KEPT,
          class SB, class Y>
TF_INLINE void affine_column_step(int column, int i, const X x[], const SW weights[][COLUMNS * INPUTS][KEPT],
                                  const SB bias[OUTPUTS], Y sum[], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int m = 0; m < OUTPUTS / COLUMNS; m++) {
      TF_UNROLL
      const int at = row * (OUTPUTS / COLUMNS) + m;
      if (i == 0) sum[at] = convert<Y>(word<B>(bias[m * COLUMNS + column]));
      const P product =
          convert<P>(x[row * INPUTS + i] * word<W>(weights[m / KEPT][column * INPUTS + i][m % KEPT]));
      sum[at] = convert<Y>(sum[at] + product);
      if (i == INPUTS - 1) y[row * OUTPUTS + m * COLUMNS + column] = sum[at];
    }
  }
}

