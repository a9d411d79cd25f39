// The sum of each row, first to last; terms and partial sums have Y's format.
template <int ROWS, int LENGTH, class X, class Y>
TF_INLINE void sum(const X x[], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    Y total = convert<Y>(x[row * LENGTH]);
    TF_UNROLL_NEXT
    for (int k = 1; k < LENGTH; k++) {
      TF_UNROLL
      const Y term = convert<Y>(x[row * LENGTH + k]);
      total = convert<Y>(total + term);
    }
    y[row] = total;
  }
}

