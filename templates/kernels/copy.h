// Copies an array: a process of a dataflow.
template <int COUNT, class X>
TF_LAYER void copy(const X x[COUNT], X y[COUNT]) {
#ifndef __BAMBU__
#pragma HLS INLINE off
#pragma HLS PIPELINE II=1
#endif
  TF_UNROLL_NEXT
  for (int k = 0; k < COUNT; k++) {
    TF_UNROLL
    y[k] = x[k];
  }
}

