#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 12
#define N_INPUT_2_1 3
#define N_OUTPUTS_2 12
#define N_FILT_2 4
#define N_OUTPUTS_2 12
#define N_FILT_2 4
#define N_OUTPUTS_5 6
#define N_FILT_5 4
#define N_OUTPUTS_11 6
#define N_FILT_11 3
#define N_FILT_8 3
#define N_LAYER_9 2

// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> conv1_weight_t;
typedef ap_fixed<16,6> conv1_bias_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> layer5_t;
typedef ap_fixed<16,6> layer11_t;
typedef ap_fixed<16,6> point_weight_t;
typedef ap_fixed<16,6> point_bias_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer9_index;

#endif
