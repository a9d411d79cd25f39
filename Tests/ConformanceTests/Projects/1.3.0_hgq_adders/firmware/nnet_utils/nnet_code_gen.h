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
void dense_da_3(inp_t model_inp[6], out_t model_out[5]) { // ap_fixed<9,4> -> ap_fixed<14,5>
    #pragma HLS INLINE
  ap_fixed<4, 1, AP_RND, AP_WRAP> model_inp_q_0 = model_inp[0];
    ap_fixed<9, 4, AP_RND, AP_WRAP> model_inp_q_1 = model_inp[1];
    ap_fixed<5, 4, AP_RND, AP_WRAP> model_inp_q_2 = model_inp[2];
    ap_ufixed<1, 0> model_inp_q_3 = 0;
    ap_ufixed<5, 1, AP_RND, AP_WRAP> model_inp_q_4 = model_inp[4];
    ap_ufixed<1, 0> model_inp_q_5 = 0;

    ap_fixed<4,1> v0 = model_inp_q_0; // 0.0
    ap_fixed<9,4> v1 = model_inp_q_1; // 0.0
    ap_fixed<5,4> v2 = model_inp_q_2; // 0.0
    ap_ufixed<5,1> v3 = model_inp_q_4; // 0.0
    ap_fixed<10,3> v4 = v3 + bit_shift<-2>(v1); // 1.0
    ap_fixed<7,2> v5 = v0 + bit_shift<-2>(v0); // 1.0
    ap_fixed<9,4> v6 = v5 - ap_ufixed<6,3>(4.375); // 1.0
    ap_fixed<7,2> v7 = v0 - bit_shift<-2>(v0); // 1.0
    ap_fixed<13,5> v8 = v1 - bit_shift<-3>(v1); // 1.0
    ap_fixed<8,2> v9 = v3 - bit_shift<-2>(v3); // 1.0
    ap_fixed<11,4> v10 = v4 - bit_shift<1>(v0); // 2.0
    ap_fixed<13,5> v11 = v7 - v8; // 2.0
    ap_fixed<10,5> v12 = v2 + bit_shift<1>(v9); // 2.0
    ap_fixed<11,4> v13 = v10 - bit_shift<-1>(v5); // 3.0
    ap_fixed<11,4> v14 = v13 + ap_ufixed<3,1>(1.25); // 3.0
    ap_fixed<13,5> v15 = v11 - bit_shift<-2>(v12); // 3.0
    ap_fixed<13,5> v16 = v15 + ap_ufixed<1,1>(1.0); // 3.0
    ap_fixed<14,6> v17 = v12 + v8; // 3.0
    ap_fixed<14,6> v18 = v17 + ap_ufixed<1,-1>(0.25); // 3.0

    model_out[0] = ap_fixed<11,3>(bit_shift<-1>(v14));
    model_out[1] = ap_ufixed<8,1>(-bit_shift<-2>(v6));
    model_out[2] = ap_fixed<13,4>(bit_shift<-1>(v16));
    model_out[3] = ap_fixed<14,5>(-bit_shift<-1>(v18));
    model_out[4] = ap_fixed<8,1>(-bit_shift<-1>(v9));
}
template <typename inp_t, typename out_t>
void dense_da_6(inp_t model_inp[5], out_t model_out[4]) { // ap_fixed<9,4> -> ap_fixed<16,6>
    #pragma HLS INLINE
  ap_ufixed<7, 3, AP_RND, AP_WRAP> model_inp_q_0 = model_inp[0];
    ap_ufixed<7, 2, AP_RND, AP_WRAP> model_inp_q_1 = model_inp[1];
    ap_ufixed<1, 0> model_inp_q_2 = 0;
    ap_fixed<5, 4, AP_RND, AP_WRAP> model_inp_q_3 = model_inp[3];
    ap_ufixed<6, 1, AP_RND, AP_WRAP> model_inp_q_4 = model_inp[4];

    ap_ufixed<7,3> v0 = model_inp_q_0; // 0.0
    ap_fixed<5,4> v1 = model_inp_q_3; // 0.0
    ap_ufixed<6,1> v2 = model_inp_q_4; // 0.0
    ap_fixed<10,4> v3 = v0 - bit_shift<-2>(v0); // 1.0
    ap_fixed<11,5> v4 = v1 + bit_shift<-2>(v0); // 1.0
    ap_fixed<9,4> v5 = v2 - bit_shift<2>(v2); // 1.0
    ap_fixed<8,7> v6 = v1 + bit_shift<2>(v1); // 1.0
    ap_fixed<10,5> v7 = v1 + bit_shift<-1>(v0); // 1.0
    ap_fixed<12,8> v8 = v0 + bit_shift<4>(v1); // 1.0
    ap_fixed<13,9> v9 = v8 + ap_ufixed<1,3>(4.0); // 1.0
    ap_fixed<13,5> v10 = v3 - bit_shift<-2>(v4); // 2.0
    ap_fixed<15,10> v11 = v5 - bit_shift<5>(v1); // 2.0
    ap_fixed<11,10> v12 = v6 - bit_shift<5>(v7); // 2.0
    ap_fixed<11,10> v13 = v12 + ap_ufixed<5,6>(34.0); // 2.0
    ap_fixed<11,5> v14 = v3 + bit_shift<-3>(v1); // 2.0
    ap_fixed<11,5> v15 = v14 - ap_ufixed<1,-3>(0.0625); // 2.0
    ap_fixed<15,6> v16 = v10 + bit_shift<-4>(v11); // 3.0

    model_out[0] = ap_fixed<15,5>(bit_shift<-1>(v16));
    model_out[1] = ap_fixed<11,5>(bit_shift<-5>(v13));
    model_out[2] = ap_fixed<11,6>(-bit_shift<1>(v15));
    model_out[3] = ap_fixed<13,4>(bit_shift<-5>(v9));
}
template <typename inp_t, typename out_t>
void dense_da_8(inp_t model_inp[4], out_t model_out[3]) { // ap_fixed<7,4> -> ap_fixed<13,5>
    #pragma HLS INLINE
  ap_fixed<5, 4, AP_RND, AP_WRAP> model_inp_q_0 = model_inp[0];
    ap_fixed<5, 4, AP_RND, AP_WRAP> model_inp_q_1 = model_inp[1];
    ap_ufixed<5, 2, AP_RND, AP_WRAP> model_inp_q_2 = model_inp[2];
    ap_fixed<5, 4, AP_RND, AP_WRAP> model_inp_q_3 = model_inp[3];

    ap_fixed<5,4> v0 = model_inp_q_0; // 0.0
    ap_fixed<5,4> v1 = model_inp_q_1; // 0.0
    ap_ufixed<5,2> v2 = model_inp_q_2; // 0.0
    ap_fixed<5,4> v3 = model_inp_q_3; // 0.0
    ap_fixed<6,5> v4 = v0 - v1; // 1.0
    ap_fixed<7,6> v5 = v1 + bit_shift<1>(v3); // 1.0
    ap_fixed<11,8> v6 = v2 + bit_shift<4>(v3); // 1.0
    ap_fixed<7,4> v7 = v2 - bit_shift<-1>(v1); // 1.0
    ap_fixed<9,8> v8 = v4 - bit_shift<2>(v5); // 2.0
    ap_fixed<12,9> v9 = v6 + bit_shift<3>(v7); // 2.0
    ap_fixed<10,8> v10 = v8 - bit_shift<-1>(v1); // 3.0
    ap_fixed<13,10> v11 = v9 - bit_shift<4>(v4); // 3.0

    model_out[0] = ap_fixed<6,5>(-v1);
    model_out[1] = ap_fixed<10,4>(bit_shift<-4>(v10));
    model_out[2] = ap_fixed<13,5>(bit_shift<-5>(v11));
}

} // namespace nnet

#endif
