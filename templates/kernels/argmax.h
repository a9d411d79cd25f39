// The index of the first largest word of each row.
template <int ROWS, int LENGTH, class X, class Y>
TF_INLINE void argmax(const X x[], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    X best = x[row * LENGTH];
    ap_uint<Y::width> index = 0;
    TF_UNROLL_NEXT
    for (int k = 1; k < LENGTH; k++) {
      TF_UNROLL
      if (x[row * LENGTH + k] > best) {
        best = x[row * LENGTH + k];
        index = k;
      }
    }
    y[row] = word<Y>(index);
  }
}

