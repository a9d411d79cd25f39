#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 6
#define N_INPUT_2_1 5
#define N_INPUT_3_1 2
#define OUT_HEIGHT_6 8
#define OUT_WIDTH_6 6
#define N_CHAN_6 2
#define OUT_HEIGHT_2 6
#define OUT_WIDTH_2 5
#define N_FILT_2 4
#define OUT_HEIGHT_2 6
#define OUT_WIDTH_2 5
#define N_FILT_2 4
#define N_FILT_5 4

// hls-fpga-machine-learning insert layer-precision
typedef nnet::array<ap_fixed<16,6>, 2*1> input_t;
typedef nnet::array<ap_fixed<16,6>, 2*1> layer6_t;
typedef ap_fixed<16,6> model_default_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> layer2_t;
typedef ap_fixed<16,6> sep_depthwise_t;
typedef ap_fixed<16,6> sep_pointwise_t;
typedef ap_uint<1> zero_bias2_t;
typedef ap_fixed<16,6> sep_bias_t;
typedef nnet::array<ap_fixed<16,6>, 2*1> sep_dw_out_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> layer4_t;
typedef ap_fixed<18,8> relu_table_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> result_t;

#endif
