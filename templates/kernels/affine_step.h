// One step of y = bias + x . weights on an array of multipliers used REUSE times: step s multiplies STEP_INPUTS inputs
// (s, s + STRIDE, ... with STRIDE = REUSE, or s * STEP_INPUTS, ... with STRIDE = 1) by all outputs. Weights are
// stored step by step: each step reads one row of every memory, of KEPT words.
template <int ROWS, int REUSE, int STEP_INPUTS, int STRIDE, int INPUTS, int OUTPUTS, class W, class B, class P, class X,
          class SW, int KEPT, class SB, class Y>
TF_INLINE void affine_step(int step, const X x[], const SW weights[][REUSE][KEPT], const SB bias[OUTPUTS], Y sum[],
                           Y y[]) {
  TF_UNROLL_NEXT
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      if (step == 0) sum[row * OUTPUTS + j] = convert<Y>(word<B>(bias[j]));
    }
    TF_UNROLL_NEXT
    for (int k = 0; k < STEP_INPUTS; k++) {
      TF_UNROLL
      const int i = STRIDE == 1 ? step * STEP_INPUTS + k : k * STRIDE + step;
      if (i < INPUTS) {
        TF_UNROLL_NEXT
        for (int j = 0; j < OUTPUTS; j++) {
          TF_UNROLL
          const int at = k * OUTPUTS + j;
          const P product = convert<P>(x[row * INPUTS + i] * word<W>(weights[at / KEPT][step][at % KEPT]));
          sum[row * OUTPUTS + j] = convert<Y>(sum[row * OUTPUTS + j] + product);
        }
      }
    }
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      if (step == REUSE - 1) y[row * OUTPUTS + j] = sum[row * OUTPUTS + j];
    }
  }
}

