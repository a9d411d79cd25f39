{{^rewind}}
// y = bias + x . weights, column after column.
{{/rewind}}
{{#rewind}}
// affine_columns as the only loops of a process: the next event's first step follows this one's last.
{{/rewind}}
template <int ROWS, int COLUMNS, int INPUTS, int OUTPUTS, class W, class B, class P, class X, class SW, int KEPT,
          class SB, class Y>
TF_INLINE void {{name}}(const X x[], const SW weights[][COLUMNS * INPUTS][KEPT], const SB bias[OUTPUTS],
{{#rewind}}
                                     Y y[]) {
{{/rewind}}
{{^rewind}}
                              Y y[]) {
{{/rewind}}
  Y sum[ROWS * OUTPUTS / COLUMNS];
#ifndef __BAMBU__
#pragma HLS ARRAY_PARTITION variable=sum type=complete
#endif
  for (int column = 0; column < COLUMNS; column++) {
    for (int i = 0; i < INPUTS; i++) {
      {{pipeline}}
      affine_column_step<ROWS, COLUMNS, INPUTS, OUTPUTS, W, B, P>(column, i, x, weights, bias, sum, y);
    }
  }
}

