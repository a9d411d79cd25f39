#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 5
#define N_LAYER_2 6
#define N_LAYER_4 6
#define N_LAYER_6 6
#define N_LAYER_8 6
#define N_LAYER_10 6
#define N_LAYER_12 6
#define N_LAYER_14 6
#define N_LAYER_2 6
#define N_LAYER_4 6
#define N_LAYER_6 6
#define N_LAYER_8 6
#define N_LAYER_10 6
#define N_LAYER_12 6
#define N_LAYER_14 6

// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc_relu_weight_t;
typedef ap_fixed<16,6> fc_relu_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> fc_softplus_weight_t;
typedef ap_fixed<16,6> fc_softplus_bias_t;
typedef ap_uint<1> layer4_index;
typedef ap_fixed<16,6> layer6_t;
typedef ap_fixed<16,6> fc_softsign_weight_t;
typedef ap_fixed<16,6> fc_softsign_bias_t;
typedef ap_uint<1> layer6_index;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> fc_elu_weight_t;
typedef ap_fixed<16,6> fc_elu_bias_t;
typedef ap_uint<1> layer8_index;
typedef ap_fixed<16,6> layer10_t;
typedef ap_fixed<16,6> fc_leaky_weight_t;
typedef ap_fixed<16,6> fc_leaky_bias_t;
typedef ap_uint<1> layer10_index;
typedef ap_fixed<16,6> layer12_t;
typedef ap_fixed<16,6> fc_elu_layer_weight_t;
typedef ap_fixed<16,6> fc_elu_layer_bias_t;
typedef ap_uint<1> layer12_index;
typedef ap_fixed<16,6> layer14_t;
typedef ap_fixed<16,6> fc_thresholded_weight_t;
typedef ap_fixed<16,6> fc_thresholded_bias_t;
typedef ap_uint<1> layer14_index;
typedef ap_fixed<16,6> layer16_t;
typedef ap_fixed<18,8> relu_table_t;
typedef ap_fixed<16,6> layer17_t;
typedef ap_fixed<18,8> softplus_table_t;
typedef ap_fixed<16,6> layer18_t;
typedef ap_fixed<18,8> softsign_table_t;
typedef ap_fixed<16,6> layer19_t;
typedef ap_fixed<18,8> elu_table_t;
typedef ap_fixed<16,6> layer20_t;
typedef ap_fixed<18,8> leaky_table_t;
typedef ap_fixed<16,6> layer21_t;
typedef ap_fixed<18,8> elu_layer_table_t;
typedef ap_fixed<16,6> layer22_t;
typedef ap_fixed<18,8> thresholded_table_t;

#endif
