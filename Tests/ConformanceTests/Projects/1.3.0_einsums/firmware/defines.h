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
typedef ap_fixed<16,6> first_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> first_weight_t;
typedef ap_fixed<16,6> first_bias_t;
typedef ap_fixed<16,6> layer3_t;
typedef ap_fixed<18,8> relu1_table_t;
typedef ap_fixed<16,6> second_accum_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> second_weight_t;
typedef ap_fixed<16,6> second_bias_t;
typedef ap_fixed<16,6> third_accum_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<16,6> third_weight_t;
typedef ap_fixed<16,6> third_bias_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
