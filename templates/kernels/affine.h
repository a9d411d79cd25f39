// y = bias + x . weights for each of ROWS rows: the running sum keeps Y's format, each product becomes a P.
// Terms are added in the order 0, ORDER, 2*ORDER, ..., 1, 1+ORDER, ...
template <int ROWS, int INPUTS, int OUTPUTS, int ORDER, class W, class B, class P, class X, class SW, class SB,
          class Y>
TF_INLINE void affine(const X x[], const SW weights[][OUTPUTS], const SB bias[OUTPUTS], Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      y[row * OUTPUTS + j] = convert<Y>(word<B>(bias[j]));
    }
    TF_UNROLL_NEXT
    for (int first = 0; first < ORDER; first++) {
      TF_UNROLL
      TF_UNROLL_NEXT
      for (int step = 0; step < (INPUTS + ORDER - 1) / ORDER; step++) {
        TF_UNROLL
        const int i = step * ORDER + first;
        if (i < INPUTS) {
          TF_UNROLL_NEXT
          for (int j = 0; j < OUTPUTS; j++) {
            TF_UNROLL
            const P product = convert<P>(x[row * INPUTS + i] * word<W>(weights[i][j]));
            y[row * OUTPUTS + j] = convert<Y>(y[row * OUTPUTS + j] + product);
          }
        }
      }
    }
  }
}

