#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 7
#define N_INPUT_2_1 9
#define N_INPUT_3_1 2
#define OUT_HEIGHT_2 4
#define OUT_WIDTH_2 5
#define N_FILT_2 3
#define OUT_HEIGHT_4 5
#define OUT_WIDTH_4 6
#define N_CHAN_4 3
#define OUT_HEIGHT_11 5
#define OUT_WIDTH_11 6
#define N_FILT_11 2
#define OUT_HEIGHT_7 10
#define OUT_WIDTH_7 12
#define N_CHAN_7 2
#define OUT_DEPTH_8 12
#define OUT_HEIGHT_8 10
#define OUT_WIDTH_8 2
#define N_SIZE_0_9 120
#define N_SIZE_1_9 2
#define N_SIZE_0_9 120
#define N_SIZE_1_9 2


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> conv1_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> conv1_weight_t;
typedef ap_fixed<16,6> conv1_bias_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> point_accum_t;
typedef ap_fixed<16,6> layer11_t;
typedef ap_fixed<16,6> point_weight_t;
typedef ap_fixed<16,6> point_bias_t;
typedef ap_fixed<16,6> layer7_t;
typedef ap_fixed<16,6> layer8_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<18,8> relu_table_t;


#endif
