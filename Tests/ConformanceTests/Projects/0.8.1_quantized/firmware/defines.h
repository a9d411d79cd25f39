#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 10
#define N_LAYER_2 8
#define N_LAYER_2 8
#define N_LAYER_5 4
#define N_LAYER_5 4

// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> model_default_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<6,2> weight2_t;
typedef ap_fixed<6,2> bias2_t;
typedef ap_uint<1> layer2_index;
typedef ap_ufixed<6,2,AP_RND_CONV,AP_SAT> layer4_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> layer5_t;
typedef struct exponent_weight5_t {ap_uint<1> sign;ap_int<4> weight; } exponent_weight5_t;
typedef ap_fixed<6,2> bias5_t;
typedef ap_uint<1> layer5_index;
typedef ap_fixed<8,4,AP_RND_CONV,AP_SAT> result_t;
typedef ap_fixed<18,8> out_table_t;

#endif
