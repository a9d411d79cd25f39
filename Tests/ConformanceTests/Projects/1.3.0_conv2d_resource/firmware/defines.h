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
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> input_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer2_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv1_bias_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer4_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> pool1_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer5_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer6_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> conv2_bias_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> layer8_t;
typedef ap_fixed<18,8> relu2_table_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_accum_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> result_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_weight_t;
typedef ap_fixed<12,5,AP_RND,AP_SAT,0> fc_bias_t;
typedef ap_uint<1> layer10_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
