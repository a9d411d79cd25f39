#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <array>
#include <cstddef>
#include <cstdio>
#include <tuple>
#include <tuple>


// hls-fpga-machine-learning insert numbers

// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> fc1_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc1_weight_t;
typedef ap_fixed<16,6> fc1_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> bn_scale_t;
typedef ap_fixed<16,6> bn_bias_t;
typedef ap_fixed<16,6> layer5_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> fc2_accum_t;
typedef ap_fixed<16,6> layer6_t;
typedef ap_fixed<16,6> fc2_weight_t;
typedef ap_uint<1> bias6_t;
typedef ap_uint<1> layer6_index;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<18,8> tanh2_table_t;
typedef ap_fixed<16,6> fc3_accum_t;
typedef ap_fixed<16,6> layer9_t;
typedef ap_fixed<16,6> fc3_weight_t;
typedef ap_fixed<16,6> fc3_bias_t;
typedef ap_uint<1> layer9_index;
typedef ap_fixed<16,6> layer11_t;
typedef ap_fixed<18,8> sigmoid3_table_t;
typedef ap_fixed<16,6> fc4_accum_t;
typedef ap_fixed<16,6> layer12_t;
typedef ap_fixed<16,6> fc4_weight_t;
typedef ap_fixed<16,6> fc4_bias_t;
typedef ap_uint<1> layer12_index;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_accum_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<18,8> softmax4_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_exp_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_inv_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_inv_inp_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
