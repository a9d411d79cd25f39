#ifndef NNET_INSTR_GEN_H_
#define NNET_INSTR_GEN_H_

#include "nnet_conv1d_latency.h"
#include "nnet_helpers.h"

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_function_stubs.h"
#include "nnet_mult.h"

namespace nnet {

template <class data_T, class res_T, typename CONFIG_T> class PointwiseConv1D {
  public:
    static void pointwise_conv(data_T data[CONFIG_T::in_width * CONFIG_T::n_chan],
                               res_T res[CONFIG_T::out_width * CONFIG_T::n_filt],
                               typename CONFIG_T::weight_t weights[CONFIG_T::n_chan * CONFIG_T::n_filt],
                               typename CONFIG_T::bias_t biases[CONFIG_T::n_filt]) {
        // To be implemented in subclasses
    }
};

// hls4ml insert code
template <typename inp_t, typename out_t>
void dense_da_3(inp_t model_inp[9], out_t model_out[4]) { // ap_fixed<6,3> -> ap_fixed<14,5>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<6,3> v4 = model_inp[4]; // 0.0
    ap_fixed<6,3> v5 = model_inp[5]; // 0.0
    ap_fixed<6,3> v6 = model_inp[6]; // 0.0
    ap_fixed<6,3> v7 = model_inp[7]; // 0.0
    ap_fixed<6,3> v8 = model_inp[8]; // 0.0
    ap_fixed<8,4> v9 = v3 - bit_shift<-1>(v5); // 1.0
    ap_fixed<8,4> v10 = v2 + bit_shift<-1>(v7); // 1.0
    ap_fixed<7,4> v11 = v1 + v4; // 1.0
    ap_fixed<8,5> v12 = v0 + bit_shift<1>(v7); // 1.0
    ap_fixed<12,4> v13 = v0 + bit_shift<-5>(v6); // 1.0
    ap_fixed<8,5> v14 = v1 + bit_shift<1>(v4); // 1.0
    ap_fixed<7,4> v15 = v2 - v8; // 1.0
    ap_fixed<9,6> v16 = v4 + bit_shift<2>(v6); // 1.0
    ap_fixed<9,4> v17 = v6 - bit_shift<-2>(v6); // 1.0
    ap_fixed<8,4> v18 = v1 - bit_shift<-1>(v4); // 1.0
    ap_fixed<8,5> v19 = v6 - bit_shift<1>(v7); // 1.0
    ap_fixed<9,6> v20 = v0 + bit_shift<2>(v5); // 1.0
    ap_fixed<8,5> v21 = v7 + bit_shift<1>(v3); // 1.0
    ap_fixed<8,5> v22 = v8 - bit_shift<1>(v9); // 2.0
    ap_fixed<9,5> v23 = v10 + v11; // 2.0
    ap_fixed<10,7> v24 = v12 + bit_shift<2>(v9); // 2.0
    ap_fixed<9,5> v25 = v9 + bit_shift<-1>(v14); // 2.0
    ap_fixed<12,9> v26 = v15 - bit_shift<5>(v0); // 2.0
    ap_fixed<11,6> v27 = v16 - v17; // 2.0
    ap_fixed<9,4> v28 = v8 + bit_shift<-1>(v10); // 2.0
    ap_fixed<9,5> v29 = v0 - v18; // 2.0
    ap_fixed<9,6> v30 = v15 + v19; // 2.0
    ap_fixed<10,4> v31 = v18 + bit_shift<-2>(v9); // 2.0
    ap_fixed<12,9> v32 = v20 - bit_shift<5>(v8); // 2.0
    ap_fixed<10,6> v33 = v10 + bit_shift<1>(v21); // 2.0
    ap_fixed<10,4> v34 = v17 + bit_shift<-3>(v14); // 2.0
    ap_fixed<10,7> v35 = v22 + bit_shift<1>(v23); // 3.0
    ap_fixed<12,8> v36 = v24 - bit_shift<4>(v13); // 3.0
    ap_fixed<13,10> v37 = v26 + bit_shift<3>(v27); // 3.0
    ap_fixed<9,6> v38 = v3 + bit_shift<2>(v28); // 3.0
    ap_fixed<9,6> v39 = v2 - bit_shift<1>(v29); // 3.0
    ap_fixed<12,7> v40 = v30 - bit_shift<1>(v31); // 3.0
    ap_fixed<11,4> v41 = v5 - bit_shift<-4>(v22); // 3.0
    ap_fixed<13,10> v42 = v32 + bit_shift<3>(v33); // 3.0
    ap_fixed<12,5> v43 = v29 + bit_shift<-1>(v34); // 3.0
    ap_fixed<12,8> v44 = v36 - v25; // 4.0
    ap_fixed<10,7> v45 = v1 - v38; // 4.0
    ap_fixed<12,9> v46 = v39 + bit_shift<2>(v40); // 4.0
    ap_fixed<11,4> v47 = v41 + bit_shift<-4>(v39); // 4.0
    ap_fixed<13,6> v48 = v41 + bit_shift<-4>(v42); // 4.0
    ap_fixed<14,7> v49 = v35 + bit_shift<-3>(v44); // 5.0
    ap_fixed<13,10> v50 = v37 + bit_shift<1>(v45); // 5.0
    ap_fixed<14,9> v51 = v46 - bit_shift<2>(v47); // 5.0
    ap_fixed<14,7> v52 = v48 - bit_shift<1>(v43); // 5.0
    ap_fixed<14,11> v53 = v50 - bit_shift<3>(v45); // 6.0

    model_out[0] = ap_fixed<14,5>(bit_shift<-2>(v49));
    model_out[1] = ap_fixed<14,5>(bit_shift<-6>(v53));
    model_out[2] = ap_fixed<14,5>(bit_shift<-4>(v51));
    model_out[3] = ap_fixed<14,5>(bit_shift<-2>(v52));
}


template <typename inp_t, typename out_t, typename DUMMY> struct dense_da_wrapper_3 {
static void dense(inp_t inp[9], out_t out[4], void *weights=nullptr, void *biases=nullptr) {
    dense_da_3(inp, out);
}
};template <typename inp_t, typename out_t>
void dense_da_6(inp_t model_inp[8], out_t model_out[2]) { // ap_fixed<6,3> -> ap_fixed<15,6>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<6,3> v4 = model_inp[4]; // 0.0
    ap_fixed<6,3> v5 = model_inp[5]; // 0.0
    ap_fixed<6,3> v6 = model_inp[6]; // 0.0
    ap_fixed<6,3> v7 = model_inp[7]; // 0.0
    ap_fixed<9,6> v8 = v5 + bit_shift<2>(v7); // 1.0
    ap_fixed<12,4> v9 = v2 - bit_shift<-5>(v3); // 1.0
    ap_fixed<7,4> v10 = v4 + v5; // 1.0
    ap_fixed<8,5> v11 = v0 + bit_shift<1>(v3); // 1.0
    ap_fixed<8,4> v12 = v2 + bit_shift<-1>(v6); // 1.0
    ap_fixed<8,5> v13 = v5 - bit_shift<1>(v7); // 1.0
    ap_fixed<7,4> v14 = v1 + v4; // 1.0
    ap_fixed<8,5> v15 = v1 + bit_shift<1>(v2); // 1.0
    ap_fixed<7,4> v16 = v1 + v2; // 1.0
    ap_fixed<12,7> v17 = v8 + bit_shift<3>(v9); // 2.0
    ap_fixed<12,9> v18 = v10 - bit_shift<5>(v1); // 2.0
    ap_fixed<9,5> v19 = v6 + bit_shift<-1>(v11); // 2.0
    ap_fixed<12,5> v20 = v10 + bit_shift<-3>(v12); // 2.0
    ap_fixed<9,6> v21 = v13 + bit_shift<1>(v14); // 2.0
    ap_fixed<10,5> v22 = v11 + bit_shift<-2>(v11); // 2.0
    ap_fixed<12,9> v23 = v15 - bit_shift<5>(v5); // 2.0
    ap_fixed<10,5> v24 = v16 + bit_shift<-2>(v13); // 2.0
    ap_fixed<13,8> v25 = v17 + bit_shift<-2>(v18); // 3.0
    ap_fixed<10,5> v26 = v0 - bit_shift<-1>(v19); // 3.0
    ap_fixed<11,7> v27 = v21 + bit_shift<1>(v22); // 3.0
    ap_fixed<13,10> v28 = v23 - bit_shift<5>(v24); // 3.0
    ap_fixed<12,6> v29 = v26 - bit_shift<1>(v20); // 4.0
    ap_fixed<14,10> v30 = v27 + bit_shift<-1>(v28); // 4.0
    ap_fixed<14,9> v31 = v25 + bit_shift<2>(v29); // 5.0
    ap_fixed<15,11> v32 = v30 - bit_shift<5>(v26); // 5.0

    model_out[0] = ap_fixed<14,5>(bit_shift<-4>(v31));
    model_out[1] = ap_fixed<15,6>(bit_shift<-5>(v32));
}


template <typename inp_t, typename out_t, typename DUMMY> struct dense_da_wrapper_6 {
static void dense(inp_t inp[8], out_t out[2], void *weights=nullptr, void *biases=nullptr) {
    dense_da_6(inp, out);
}
};
} // namespace nnet

#endif
