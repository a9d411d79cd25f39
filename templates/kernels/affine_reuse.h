{{^rewind}}
// y = bias + x . weights, step after step.
{{/rewind}}
{{#rewind}}
// affine_reuse as the only loop of a process: the next event's first step follows this one's last.
{{/rewind}}
template <int ROWS, int REUSE, int STEP_INPUTS, int STRIDE, int INPUTS, int OUTPUTS, class W, class B, class P, class X,
          class SW, int KEPT, class SB, class Y>
TF_INLINE void {{name}}(const X x[], const SW weights[][REUSE][KEPT], const SB bias[OUTPUTS], Y y[]) {
  Y sum[ROWS * OUTPUTS];
#ifndef __BAMBU__
#pragma HLS ARRAY_PARTITION variable=sum type=complete
#endif
  for (int step = 0; step < REUSE; step++) {
    {{pipeline}}
    affine_step<ROWS, REUSE, STEP_INPUTS, STRIDE, INPUTS, OUTPUTS, W, B, P>(step, x, weights, bias, sum, y);
  }
}

