// As affine, on an array of multipliers used REUSE times. Step s multiplies STEP_INPUTS inputs (s, s + STRIDE, ...
// with ORDER = STRIDE = REUSE, or s * STEP_INPUTS, ... with STRIDE = 1) by all outputs. Weights are
// stored step by step: each step reads one row of the memory.
template <int ROWS, int REUSE, int STEP_INPUTS, int STRIDE, int INPUTS, int OUTPUTS, class W, class B, class P, class X,
          class SW, class SB, class Y>
TF_INLINE void affine_reuse(const X x[], const SW weights[][STEP_INPUTS * OUTPUTS], const SB bias[OUTPUTS], Y y[]) {
  for (int row = 0; row < ROWS; row++) {
    TF_UNROLL_NEXT
    for (int j = 0; j < OUTPUTS; j++) {
      TF_UNROLL
      y[row * OUTPUTS + j] = convert<Y>(word<B>(bias[j]));
    }
    for (int step = 0; step < REUSE; step++) {
      TF_PIPELINE
      TF_UNROLL_NEXT
      for (int k = 0; k < STEP_INPUTS; k++) {
        TF_UNROLL
        const int i = STRIDE == 1 ? step * STEP_INPUTS + k : k * STRIDE + step;
        if (i < INPUTS) {
          TF_UNROLL_NEXT
          for (int j = 0; j < OUTPUTS; j++) {
            TF_UNROLL
            const P product = convert<P>(x[row * INPUTS + i] * word<W>(weights[step][k * OUTPUTS + j]));
            y[row * OUTPUTS + j] = convert<Y>(y[row * OUTPUTS + j] + product);
          }
        }
      }
    }
  }
}

