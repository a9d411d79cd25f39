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
void einsum_3_da_0_of_1(inp_t model_inp[4], out_t model_out[5]) { // ap_fixed<6,3> -> ap_fixed<15,6>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<9,4> v4 = v0 - bit_shift<-2>(v1); // 1.0
    ap_fixed<11,4> v5 = v1 - bit_shift<-4>(v1); // 1.0
    ap_fixed<9,4> v6 = v3 - bit_shift<-2>(v3); // 1.0
    ap_fixed<8,5> v7 = v0 + bit_shift<1>(v1); // 1.0
    ap_fixed<7,4> v8 = v2 - v1; // 1.0
    ap_fixed<12,9> v9 = v2 + bit_shift<5>(v3); // 1.0
    ap_fixed<9,4> v10 = v0 - bit_shift<-2>(v2); // 1.0
    ap_fixed<7,4> v11 = v2 + v3; // 1.0
    ap_fixed<7,4> v12 = v0 - v1; // 1.0
    ap_fixed<8,4> v13 = v0 + bit_shift<-1>(v1); // 1.0
    ap_fixed<14,9> v14 = v4 + bit_shift<5>(v5); // 2.0
    ap_fixed<11,4> v15 = v3 - bit_shift<-2>(v6); // 2.0
    ap_fixed<11,6> v16 = v8 + bit_shift<2>(v5); // 2.0
    ap_fixed<12,9> v17 = v9 - v7; // 2.0
    ap_fixed<10,5> v18 = v10 - v2; // 2.0
    ap_fixed<12,9> v19 = v2 + bit_shift<4>(v7); // 2.0
    ap_fixed<11,4> v20 = v10 + bit_shift<-4>(v11); // 2.0
    ap_fixed<8,5> v21 = v12 - v11; // 2.0
    ap_fixed<9,5> v22 = v11 + v13; // 2.0
    ap_fixed<12,5> v23 = v15 - bit_shift<-1>(v7); // 3.0
    ap_fixed<13,6> v24 = v16 - v15; // 3.0
    ap_fixed<13,10> v25 = v17 + bit_shift<4>(v18); // 3.0
    ap_fixed<14,11> v26 = v19 - bit_shift<6>(v20); // 3.0
    ap_fixed<13,10> v27 = v21 - bit_shift<5>(v22); // 3.0
    ap_fixed<14,9> v28 = v14 + bit_shift<3>(v23); // 4.0
    ap_fixed<15,8> v29 = v24 + bit_shift<-3>(v25); // 4.0
    ap_fixed<14,7> v30 = v24 + bit_shift<-4>(v27); // 4.0
    ap_fixed<15,10> v31 = v28 - bit_shift<2>(v29); // 5.0

    model_out[0] = ap_fixed<15,6>(bit_shift<-4>(v31));
    model_out[1] = ap_fixed<15,6>(bit_shift<-2>(v29));
    model_out[2] = ap_fixed<14,5>(bit_shift<-6>(v26));
    model_out[3] = ap_fixed<14,5>(bit_shift<-2>(v30));
    model_out[4] = ap_fixed<13,4>(bit_shift<-2>(v24));
}



template <typename inp_t, typename out_t>
void einsum_dense3_da_kernel(
    inp_t inp_tpose[12],
    out_t out_tpose[15],
    int l0
) {
    einsum_3_da_0_of_1(&inp_tpose[(0 * 3 + l0) * 4], &out_tpose[(0 * 3 + l0) * 5]);
}
template <typename inp_t, typename out_t>
void einsum_6_da_0_of_3(inp_t model_inp[5], out_t model_out[2]) { // ap_fixed<6,3> -> ap_fixed<15,6>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<6,3> v4 = model_inp[4]; // 0.0
    ap_fixed<7,4> v5 = v3 - v4; // 1.0
    ap_fixed<7,4> v6 = v0 - v2; // 1.0
    ap_fixed<12,4> v7 = v1 - bit_shift<-5>(v1); // 1.0
    ap_fixed<9,6> v8 = v3 + bit_shift<2>(v3); // 1.0
    ap_fixed<7,4> v9 = v1 + v0; // 1.0
    ap_fixed<11,8> v10 = v1 + bit_shift<3>(v5); // 2.0
    ap_fixed<12,4> v11 = v7 - bit_shift<-4>(v2); // 2.0
    ap_fixed<12,9> v12 = v4 - bit_shift<4>(v6); // 2.0
    ap_fixed<11,6> v13 = v8 - bit_shift<-2>(v9); // 2.0
    ap_fixed<12,9> v14 = v10 - bit_shift<4>(v6); // 3.0
    ap_fixed<12,7> v15 = v0 - bit_shift<-2>(v12); // 3.0
    ap_fixed<14,9> v16 = v13 - bit_shift<1>(v10); // 3.0
    ap_fixed<13,5> v17 = v11 + bit_shift<-3>(v15); // 4.0
    ap_fixed<14,8> v18 = v15 + bit_shift<-1>(v16); // 4.0
    ap_fixed<15,10> v19 = v14 + bit_shift<3>(v17); // 5.0
    ap_fixed<15,9> v20 = v18 + bit_shift<-1>(v19); // 6.0

    model_out[0] = ap_fixed<15,6>(bit_shift<-4>(v19));
    model_out[1] = ap_fixed<15,6>(bit_shift<-3>(v20));
}


template <typename inp_t, typename out_t>
void einsum_6_da_1_of_3(inp_t model_inp[5], out_t model_out[2]) { // ap_fixed<6,3> -> ap_fixed<13,4>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<6,3> v4 = model_inp[4]; // 0.0
    ap_fixed<7,4> v5 = v1 + v2; // 1.0
    ap_fixed<12,9> v6 = v3 + bit_shift<5>(v0); // 1.0
    ap_fixed<9,4> v7 = v3 - bit_shift<-2>(v4); // 1.0
    ap_fixed<9,4> v8 = v2 - bit_shift<-2>(v0); // 1.0
    ap_fixed<8,5> v9 = v1 + bit_shift<1>(v3); // 1.0
    ap_fixed<7,4> v10 = v0 + v3; // 1.0
    ap_fixed<12,9> v11 = v5 - bit_shift<5>(v1); // 2.0
    ap_fixed<12,6> v12 = v5 + bit_shift<-3>(v6); // 2.0
    ap_fixed<11,4> v13 = v7 + bit_shift<-2>(v7); // 2.0
    ap_fixed<10,4> v14 = v8 - bit_shift<-3>(v9); // 2.0
    ap_fixed<10,7> v15 = v10 - bit_shift<3>(v4); // 2.0
    ap_fixed<13,10> v16 = v11 + bit_shift<3>(v12); // 3.0
    ap_fixed<12,9> v17 = v15 - bit_shift<3>(v9); // 3.0
    ap_fixed<13,10> v18 = v16 - bit_shift<4>(v13); // 4.0
    ap_fixed<12,5> v19 = v14 + bit_shift<-4>(v17); // 4.0

    model_out[0] = ap_fixed<13,4>(bit_shift<-6>(v18));
    model_out[1] = ap_fixed<12,3>(bit_shift<-2>(v19));
}


template <typename inp_t, typename out_t>
void einsum_6_da_2_of_3(inp_t model_inp[5], out_t model_out[2]) { // ap_fixed<6,3> -> ap_fixed<14,5>
    #pragma HLS INLINE

    ap_fixed<6,3> v0 = model_inp[0]; // 0.0
    ap_fixed<6,3> v1 = model_inp[1]; // 0.0
    ap_fixed<6,3> v2 = model_inp[2]; // 0.0
    ap_fixed<6,3> v3 = model_inp[3]; // 0.0
    ap_fixed<6,3> v4 = model_inp[4]; // 0.0
    ap_fixed<9,4> v5 = v0 - bit_shift<-2>(v0); // 1.0
    ap_fixed<10,4> v6 = v1 - bit_shift<-3>(v1); // 1.0
    ap_fixed<7,4> v7 = v1 + v0; // 1.0
    ap_fixed<8,5> v8 = v3 - bit_shift<1>(v4); // 1.0
    ap_fixed<9,6> v9 = v2 - bit_shift<2>(v4); // 1.0
    ap_fixed<11,8> v10 = v4 + bit_shift<4>(v0); // 1.0
    ap_fixed<11,5> v11 = v5 - v6; // 2.0
    ap_fixed<9,6> v12 = v2 - bit_shift<1>(v8); // 2.0
    ap_fixed<13,6> v13 = v9 - bit_shift<-4>(v9); // 2.0
    ap_fixed<11,8> v14 = v10 + bit_shift<3>(v6); // 2.0
    ap_fixed<13,7> v15 = v11 - bit_shift<2>(v7); // 3.0
    ap_fixed<12,6> v16 = v12 + bit_shift<-3>(v12); // 3.0
    ap_fixed<12,9> v17 = v14 - bit_shift<2>(v9); // 3.0
    ap_fixed<14,8> v18 = v15 - v16; // 4.0
    ap_fixed<14,7> v19 = v13 + bit_shift<-4>(v17); // 4.0

    model_out[0] = ap_fixed<14,5>(bit_shift<-3>(v18));
    model_out[1] = ap_fixed<14,5>(bit_shift<-2>(v19));
}



template <typename inp_t, typename out_t>
void einsum_dense6_da_kernel(
    inp_t inp_tpose[15],
    out_t out_tpose[6],
    int l0
) {
    einsum_6_da_0_of_3(&inp_tpose[(0 * 1 + l0) * 5], &out_tpose[(0 * 1 + l0) * 2]);    
einsum_6_da_1_of_3(&inp_tpose[(1 * 1 + l0) * 5], &out_tpose[(1 * 1 + l0) * 2]);    
einsum_6_da_2_of_3(&inp_tpose[(2 * 1 + l0) * 5], &out_tpose[(2 * 1 + l0) * 2]);
}

} // namespace nnet

#endif
