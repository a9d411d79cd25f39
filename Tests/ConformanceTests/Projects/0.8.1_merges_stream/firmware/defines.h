#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 6
#define N_INPUT_1_2 5
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_5 6
#define N_LAYER_5 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define OUT_CONCAT_12 12
#define N_LAYER_13 4

// hls-fpga-machine-learning insert layer-precision
typedef nnet::array<ap_fixed<16,6>, 6*1> input_t;
typedef nnet::array<ap_fixed<16,6>, 5*1> input2_t;
typedef ap_fixed<16,6> model_default_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer3_t;
typedef ap_fixed<16,6> fa_weight_t;
typedef ap_fixed<16,6> fa_bias_t;
typedef ap_uint<1> layer3_index;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer5_t;
typedef ap_fixed<16,6> fb_weight_t;
typedef ap_fixed<16,6> fb_bias_t;
typedef ap_uint<1> layer5_index;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer7_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer8_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer9_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer10_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer11_t;
typedef nnet::array<ap_fixed<16,6>, 12*1> layer12_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer13_index;

#endif
