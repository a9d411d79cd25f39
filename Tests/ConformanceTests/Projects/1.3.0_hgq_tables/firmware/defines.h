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
typedef ap_fixed<6,3,AP_RND,AP_WRAP,0> in1_t;
typedef ap_fixed<14,5> fc1_accum_t;
typedef ap_fixed<6,3,AP_RND,AP_WRAP,0> fc1_t;
typedef ap_fixed<7,1> fc1_weight_t;
typedef ap_ufixed<2,32> fc1_bias_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<8,2> curve_table_t;
typedef ap_fixed<6,3,AP_RND,AP_WRAP,0> curve_t;
typedef ap_fixed<14,5> fc2_accum_t;
typedef ap_fixed<14,5> result_t;
typedef ap_fixed<7,1> fc2_weight_t;
typedef ap_ufixed<2,32> fc2_bias_t;
typedef ap_uint<1> layer8_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
