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
#define N_INPUT_1_1 6
#define N_INPUT_2_1 5
#define N_INPUT_3_1 2
#define OUT_HEIGHT_11 8
#define OUT_WIDTH_11 7
#define N_CHAN_11 2
#define OUT_HEIGHT_2 6
#define OUT_WIDTH_2 5
#define N_FILT_2 3
#define OUT_HEIGHT_2 6
#define OUT_WIDTH_2 5
#define N_FILT_2 3
#define OUT_HEIGHT_12 6
#define OUT_WIDTH_12 5
#define N_FILT_12 3
#define OUT_HEIGHT_4 6
#define OUT_WIDTH_4 5
#define N_FILT_4 3
#define OUT_HEIGHT_2 6
#define OUT_WIDTH_2 5
#define N_FILT_2 3
#define OUT_CONCAT_0_7 6
#define OUT_CONCAT_1_7 5
#define OUT_CONCAT_2_7 6
#define N_FILT_8 6

// hls-fpga-machine-learning insert layer-precision
typedef nnet::array<ap_fixed<16,6>, 2*1> input_t;
typedef nnet::array<ap_fixed<16,6>, 2*1> layer11_t;
typedef ap_fixed<16,6> model_default_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> layer2_t;
typedef ap_fixed<16,6> conv_weight_t;
typedef ap_fixed<16,6> conv_bias_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> layer3_t;
typedef ap_fixed<18,8> conv_relu_table_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> layer12_t;
typedef ap_fixed<16,6> point_weight_t;
typedef ap_fixed<16,6> point_bias_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> layer4_t;
typedef nnet::array<ap_fixed<16,6>, 3*1> layer6_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer7_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> result_t;

#endif
