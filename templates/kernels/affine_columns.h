// y = bias + x . weights, column after column.
template <int ROWS, int COLUMNS, int INPUTS, int OUTPUTS, class W, class B, class P, class X, class SW, int KEPT,
          class SB, class Y>
TF_INLINE void affine_columns(const X x[], const SW weights[][COLUMNS * INPUTS][KEPT], const SB bias[OUTPUTS],
                              Y y[]) {
  Y sum[ROWS * OUTPUTS / COLUMNS];
#ifndef __BAMBU__
#pragma HLS ARRAY_PARTITION variable=sum type=complete
#endif
  for (int column = 0; column < COLUMNS; column++) {
    for (int i = 0; i < INPUTS; i++) {
      TF_PIPELINE
      affine_column_step<ROWS, COLUMNS, INPUTS, OUTPUTS, W, B, P>(column, i, x, weights, bias, sum, y);
    }
  }
}

