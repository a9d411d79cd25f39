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
typedef nnet::array<ap_fixed<6,3,AP_RND,AP_WRAP,0>, 3*1> in1_t;
typedef ap_fixed<14,5> c1_accum_t;
typedef nnet::array<ap_fixed<9,5>, 4*1> c1_t;
typedef ap_fixed<7,1> c1_weight_t;
typedef ap_ufixed<2,32> c1_bias_t;
typedef nnet::array<ap_fixed<6,3,AP_RND,AP_WRAP,0>, 4*1> c1_relu_t;
typedef ap_fixed<18,8> c1_relu_table_t;
typedef ap_fixed<14,5> c2_accum_t;
typedef nnet::array<ap_fixed<14,5>, 2*1> result_t;
typedef ap_fixed<7,1> c2_weight_t;
typedef ap_ufixed<2,32> c2_bias_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
