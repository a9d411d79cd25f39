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
#define N_LAYER_2 6
#define N_LAYER_4 6

// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc_hard_sigmoid_weight_t;
typedef ap_fixed<16,6> fc_hard_sigmoid_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> fc_prelu_weight_t;
typedef ap_fixed<16,6> fc_prelu_bias_t;
typedef ap_uint<1> layer4_index;
typedef ap_fixed<16,6> layer6_t;
typedef ap_ufixed<16,0> slope6_t;
typedef ap_ufixed<1,0> shift6_t;
typedef ap_fixed<18,8> hard_sigmoid_table_t;
typedef ap_fixed<16,6> layer7_t;
typedef ap_fixed<18,8> prelu_table_t;

#endif
