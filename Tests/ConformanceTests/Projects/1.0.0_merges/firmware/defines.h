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
#define N_LAYER_5 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define N_LAYER_3 6
#define OUT_CONCAT_12 12
#define N_LAYER_13 4


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> input2_t;
typedef ap_fixed<16,6> fa_accum_t;
typedef ap_fixed<16,6> layer3_t;
typedef ap_fixed<16,6> fa_weight_t;
typedef ap_fixed<16,6> fa_bias_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<16,6> fb_accum_t;
typedef ap_fixed<16,6> layer5_t;
typedef ap_fixed<16,6> fb_weight_t;
typedef ap_fixed<16,6> fb_bias_t;
typedef ap_uint<1> layer5_index;
typedef ap_fixed<16,6> layer7_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> layer9_t;
typedef ap_fixed<16,6> layer10_t;
typedef ap_fixed<16,6> layer11_t;
typedef ap_fixed<16,6> layer12_t;
typedef ap_fixed<16,6> fc_accum_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer13_index;


#endif
