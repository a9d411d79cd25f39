#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 6
#define N_INPUT_2_1 6
#define N_INPUT_3_1 2
#define OUT_HEIGHT_6 4
#define OUT_WIDTH_6 4
#define N_CHAN_6 2
#define OUT_HEIGHT_8 4
#define OUT_WIDTH_8 4
#define N_FILT_8 4
#define OUT_HEIGHT_2 4
#define OUT_WIDTH_2 4
#define N_FILT_2 4


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<37,17> sep_depthwise_accum_t;
typedef ap_fixed<37,17> sep_depthwise_result_t;
typedef ap_fixed<16,6> sep_depthwise_weight_t;
typedef ap_uint<1> bias6_t;
typedef ap_fixed<55,25> sep_pointwise_accum_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> sep_pointwise_weight_t;
typedef ap_fixed<16,6> sep_pointwise_bias_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<18,8> relu_table_t;


#endif
