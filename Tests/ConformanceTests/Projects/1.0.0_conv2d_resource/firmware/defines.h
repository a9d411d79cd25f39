#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 8
#define N_INPUT_2_1 8
#define N_INPUT_3_1 2
#define OUT_HEIGHT_2 8
#define OUT_WIDTH_2 8
#define N_FILT_2 3
#define OUT_HEIGHT_2 8
#define OUT_WIDTH_2 8
#define N_FILT_2 3
#define OUT_HEIGHT_5 4
#define OUT_WIDTH_5 4
#define N_FILT_5 3
#define OUT_HEIGHT_6 2
#define OUT_WIDTH_6 3
#define N_FILT_6 4
#define OUT_HEIGHT_6 2
#define OUT_WIDTH_6 3
#define N_FILT_6 4
#define N_SIZE_0_9 24
#define N_LAYER_10 3


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> input_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer2_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_bias_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer4_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> pool1_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer5_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer6_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_bias_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer8_t;
typedef ap_fixed<18,8> relu2_table_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> result_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_bias_t;
typedef ap_uint<1> layer10_index;


#endif
