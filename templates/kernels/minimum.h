// The smallest word of each row.
template <int ROWS, int LENGTH, class X>
TF_INLINE void minimum(const X x[], X y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    X best = x[row * LENGTH];
    TF_UNROLL_NEXT
    for (int k = 1; k < LENGTH; k++) {
      TF_UNROLL
      if (x[row * LENGTH + k] < best) best = x[row * LENGTH + k];
    }
    y[row] = best;
  }
}

