#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_int.h"
#include "ap_fixed.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

//hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 12
#define N_LAYER_2 8
#define N_LAYER_4 5

//hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> input_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> layer2_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> fc1_weight_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> fc1_bias_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> fc1_relu_default_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> layer3_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> layer4_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> fc2_weight_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT> fc2_bias_t;

#endif
