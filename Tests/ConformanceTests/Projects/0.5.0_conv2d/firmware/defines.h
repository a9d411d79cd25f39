#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_int.h"
#include "ap_fixed.h"
#include "nnet_utils/nnet_types.h"

//hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 8
#define N_INPUT_2_1 8
#define N_INPUT_3_1 2
#define OUT_HEIGHT_2 8
#define OUT_WIDTH_2 8
#define N_FILT_2 3
#define OUT_HEIGHT_5 4
#define OUT_WIDTH_5 4
#define N_FILT_5 3
#define OUT_HEIGHT_6 2
#define OUT_WIDTH_6 3
#define N_FILT_6 4
#define N_LAYER_9 3

//hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> conv1_weight_t;
typedef ap_fixed<16,6> conv1_bias_t;
typedef ap_fixed<16,6> relu1_default_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> pool1_default_t;
typedef ap_fixed<16,6> layer5_t;
typedef ap_fixed<16,6> layer6_t;
typedef ap_fixed<16,6> conv2_weight_t;
typedef ap_fixed<16,6> conv2_bias_t;
typedef ap_fixed<16,6> relu2_default_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> layer9_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;

#endif
