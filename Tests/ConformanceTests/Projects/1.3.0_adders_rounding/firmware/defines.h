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
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> input_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> fc1_accum_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> layer2_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> layer3_t;
typedef ap_fixed<18,8> fc1_relu_table_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> fc2_accum_t;
typedef ap_fixed<10,4,AP_RND,AP_SAT,0> result_t;
typedef ap_uint<1> layer4_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
