// Copies an array for two readers: a dataflow's arrays have one each.
template <int COUNT, class X>
TF_LAYER void duplicate(const X x[COUNT], X y[COUNT], X z[COUNT]) {
#ifndef __BAMBU__
#pragma HLS INLINE off
#pragma HLS PIPELINE II=1
#endif
  TF_UNROLL_NEXT
  for (int k = 0; k < COUNT; k++) {
    TF_UNROLL
    y[k] = x[k];
    z[k] = x[k];
  }
}

