#ifndef NNET_INSTR_GEN_H_
#define NNET_INSTR_GEN_H_

#include "nnet_conv1d_latency.h"
#include "nnet_helpers.h"

#include "hls_stream.h"
#include "nnet_common.h"
#include "nnet_function_stubs.h"
#include "nnet_mult.h"

namespace trigger {

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

template<typename input_t, typename output_t>
void a_iq(input_t *inp, output_t *out) {
    #pragma HLS INLINE

    out[0] = ap_fixed<4,1,AP_RND,AP_WRAP>(inp[0]);
    out[1] = ap_fixed<9,4,AP_RND,AP_WRAP>(inp[1]);
    out[2] = ap_fixed<5,4,AP_RND,AP_WRAP>(inp[2]);
    out[3] = 0;
    out[4] = ap_ufixed<5,1,AP_RND,AP_WRAP>(inp[4]);
    out[5] = 0;
}

template<typename input_t, typename output_t>
void b_iq(input_t *inp, output_t *out) {
    #pragma HLS INLINE

    out[0] = ap_ufixed<7,3,AP_RND,AP_WRAP>(inp[0]);
    out[1] = ap_ufixed<7,2,AP_RND,AP_WRAP>(inp[1]);
    out[2] = 0;
    out[3] = ap_fixed<5,4,AP_RND,AP_WRAP>(inp[3]);
    out[4] = ap_ufixed<6,1,AP_RND,AP_WRAP>(inp[4]);
}

template<typename input_t, typename output_t>
void b_oq(input_t *inp, output_t *out) {
    #pragma HLS INLINE

    out[0] = ap_fixed<5,4,AP_RND,AP_WRAP>(inp[0]);
    out[1] = ap_fixed<5,4,AP_RND,AP_WRAP>(inp[1]);
    out[2] = ap_ufixed<5,2,AP_RND,AP_WRAP>(inp[2]);
    out[3] = ap_fixed<5,4,AP_RND,AP_WRAP>(inp[3]);
}

} // namespace trigger

#endif
