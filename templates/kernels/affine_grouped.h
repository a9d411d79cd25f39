// As affine, row and group taking turns: row r uses the weights of group r mod GROUPS.
template <int ROWS, int GROUPS, int INPUTS, int OUTPUTS, int ORDER, class W, class B, class P, class X, class SW,
          class SB, class Y>
TF_INLINE void affine_grouped(const X x[], const SW weights[][INPUTS][OUTPUTS], const SB bias[][OUTPUTS],
                              Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int group = 0; group < GROUPS; group++) {
      TF_UNROLL
      const int from = (row * GROUPS + group) * INPUTS;
      const int to = (row * GROUPS + group) * OUTPUTS;
      TF_UNROLL_NEXT
      for (int j = 0; j < OUTPUTS; j++) {
        TF_UNROLL
        y[to + j] = convert<Y>(word<B>(bias[group][j]));
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
              const P product = convert<P>(x[from + i] * word<W>(weights[group][i][j]));
              y[to + j] = convert<Y>(y[to + j] + product);
            }
          }
        }
      }
    }
  }
}

