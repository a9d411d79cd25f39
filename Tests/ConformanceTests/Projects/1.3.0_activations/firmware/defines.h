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
typedef ap_fixed<16,6> fc_relu_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc_relu_weight_t;
typedef ap_fixed<16,6> fc_relu_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> fc_softplus_accum_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> fc_softplus_weight_t;
typedef ap_fixed<16,6> fc_softplus_bias_t;
typedef ap_uint<1> layer4_index;
typedef ap_fixed<16,6> fc_softsign_accum_t;
typedef ap_fixed<16,6> layer6_t;
typedef ap_fixed<16,6> fc_softsign_weight_t;
typedef ap_fixed<16,6> fc_softsign_bias_t;
typedef ap_uint<1> layer6_index;
typedef ap_fixed<16,6> fc_elu_accum_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> fc_elu_weight_t;
typedef ap_fixed<16,6> fc_elu_bias_t;
typedef ap_uint<1> layer8_index;
typedef ap_fixed<16,6> fc_leaky_accum_t;
typedef ap_fixed<16,6> layer10_t;
typedef ap_fixed<16,6> fc_leaky_weight_t;
typedef ap_fixed<16,6> fc_leaky_bias_t;
typedef ap_uint<1> layer10_index;
typedef ap_fixed<16,6> fc_elu_layer_accum_t;
typedef ap_fixed<16,6> layer12_t;
typedef ap_fixed<16,6> fc_elu_layer_weight_t;
typedef ap_fixed<16,6> fc_elu_layer_bias_t;
typedef ap_uint<1> layer12_index;
typedef ap_fixed<16,6> fc_thresholded_accum_t;
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
typedef ap_ufixed<1,1> elu_param_t;
typedef ap_fixed<18,8> elu_table_t;
typedef ap_fixed<16,6> layer20_t;
typedef ap_ufixed<8,-1> leaky_param_t;
typedef ap_fixed<18,8> leaky_table_t;
typedef ap_fixed<16,6> layer21_t;
typedef ap_ufixed<8,0> elu_layer_param_t;
typedef ap_fixed<18,8> elu_layer_table_t;
typedef ap_fixed<16,6> layer22_t;
typedef ap_fixed<16,6> thresholded_param_t;
typedef ap_fixed<18,8> thresholded_table_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
