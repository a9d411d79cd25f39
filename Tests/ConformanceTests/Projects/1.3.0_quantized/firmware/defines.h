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
typedef ap_fixed<16,6> fc1_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<6,2> weight2_t;
typedef ap_fixed<6,2> bias2_t;
typedef ap_uint<1> layer2_index;
typedef ap_ufixed<6,2,AP_RND_CONV,AP_SAT,0> layer4_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> fc2_accum_t;
typedef ap_fixed<16,6> layer5_t;
typedef struct exponent_weight5_t {ap_uint<1> sign;ap_int<4> weight; } exponent_weight5_t;
typedef ap_fixed<6,2> bias5_t;
typedef ap_uint<1> layer5_index;
typedef ap_fixed<8,4,AP_RND_CONV,AP_SAT,0> result_t;
typedef ap_fixed<18,8> out_table_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
