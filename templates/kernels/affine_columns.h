// As affine, on fewer multipliers than outputs: multiplier m makes the outputs m * COLUMNS, m * COLUMNS + 1, ...,
// one after the other, one product at a time. Weights are stored step by step.
template <int ROWS, int COLUMNS, int INPUTS, int OUTPUTS, class W, class B, class P, class X, class SW, class SB,
          class Y>
TF_INLINE void affine_columns(const X x[], const SW weights[][OUTPUTS / COLUMNS], const SB bias[OUTPUTS], Y y[]) {
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      y[row * OUTPUTS + j] = convert<Y>(word<B>(bias[j]));
    }
    for (int column = 0; column < COLUMNS; column++) {
      for (int i = 0; i < INPUTS; i++) {
        TF_PIPELINE
        TF_UNROLL_NEXT
        for (int m = 0; m < OUTPUTS / COLUMNS; m++) {
          TF_UNROLL
          const P product = convert<P>(x[row * INPUTS + i] * word<W>(weights[column * INPUTS + i][m]));
          const int to = row * OUTPUTS + m * COLUMNS + column;
          y[to] = convert<Y>(y[to] + product);
        }
      }
    }
  }
}

