#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 10
#define N_LAYER_2 8
#define N_LAYER_2 8
#define N_LAYER_2 8
#define N_LAYER_2 8
#define N_LAYER_6 6
#define N_LAYER_6 6
#define N_LAYER_6 6
#define N_LAYER_9 6
#define N_LAYER_9 6
#define N_LAYER_12 5
#define N_LAYER_12 5


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> fc1_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer2_t;
typedef ap_fixed<16,6> fc1_weight_t;
typedef ap_fixed<16,6> fc1_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<11,4,AP_RND_ZERO,AP_SAT_SYM,0> layer3_t;
typedef ap_fixed<18,8> fc1_linear_table_t;
typedef ap_fixed<12,4,AP_RND_INF,AP_WRAP,0> layer4_t;
typedef ap_fixed<16,6> bn_scale_t;
typedef ap_fixed<16,6> bn_bias_t;
typedef ap_fixed<10,4,AP_RND_MIN_INF,AP_SAT,0> layer5_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> fc2_accum_t;
typedef ap_fixed<12,5,AP_RND_CONV,AP_SAT,0> layer6_t;
typedef ap_fixed<16,6> fc2_weight_t;
typedef ap_uint<1> bias6_t;
typedef ap_uint<1> layer6_index;
typedef ap_fixed<11,4,AP_TRN_ZERO,AP_SAT_ZERO,0> layer7_t;
typedef ap_fixed<18,8> fc2_linear_table_t;
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
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<18,8> softmax4_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_exp_table_t;
typedef ap_fixed<18,8,AP_RND,AP_SAT,0> softmax4_inv_table_t;


#endif
