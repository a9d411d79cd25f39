#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_int.h"
#include "ap_fixed.h"
#include "nnet_utils/nnet_types.h"

//hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 10
#define N_LAYER_2 8
#define N_LAYER_6 6
#define N_LAYER_9 6
#define N_LAYER_12 5

//hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc1_weight_t;
typedef ap_fixed<16,6> fc1_bias_t;
typedef ap_fixed<16,6> relu1_default_t;
typedef ap_fixed<16,6> layer5_t;
typedef ap_fixed<16,6> layer6_t;
typedef ap_fixed<16,6> fc2_weight_t;
typedef ap_uint<1> bias6_t;
typedef ap_fixed<16,6> tanh2_default_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> layer9_t;
typedef ap_fixed<16,6> fc3_weight_t;
typedef ap_fixed<16,6> fc3_bias_t;
typedef ap_fixed<16,6> sigmoid3_default_t;
typedef ap_fixed<16,6> layer11_t;
typedef ap_fixed<16,6> layer12_t;
typedef ap_fixed<16,6> fc4_weight_t;
typedef ap_fixed<16,6> fc4_bias_t;
typedef ap_fixed<16,6> softmax4_default_t;
typedef ap_fixed<16,6> result_t;

#endif
