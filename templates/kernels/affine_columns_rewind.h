// affine_columns as the only loops of a process: the next event's first step follows this one's last.
template <int ROWS, int COLUMNS, int INPUTS, int OUTPUTS, class W, class B, class P, class X, class SW, int KEPT,
          class SB, class Y>
TF_INLINE void affine_columns_rewind(const X x[], const SW weights[][COLUMNS * INPUTS][KEPT], const SB bias[OUTPUTS],
                                     Y y[]) {
  Y sum[ROWS * OUTPUTS / COLUMNS];
#ifndef __BAMBU__
#pragma HLS ARRAY_PARTITION variable=sum type=complete
#endif
  for (int column = 0; column < COLUMNS; column++) {
    for (int i = 0; i < INPUTS; i++) {
      TF_REWIND
      affine_column_step<ROWS, COLUMNS, INPUTS, OUTPUTS, W, B, P>(column, i, x, weights, bias, sum, y);
    }
  }
}

