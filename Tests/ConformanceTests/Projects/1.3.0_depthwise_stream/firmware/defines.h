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
typedef nnet::array<ap_fixed<16,6>, 2*1> input_t;
typedef ap_fixed<37,17> sep_depthwise_accum_t;
typedef nnet::array<ap_fixed<37,17>, 2*1> sep_depthwise_result_t;
typedef ap_fixed<16,6> sep_depthwise_weight_t;
typedef ap_uint<1> bias6_t;
typedef ap_fixed<55,25> sep_pointwise_accum_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> layer7_t;
typedef ap_fixed<16,6> sep_pointwise_weight_t;
typedef ap_fixed<16,6> sep_pointwise_bias_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> layer4_t;
typedef ap_fixed<18,8> relu_table_t;
typedef nnet::array<ap_fixed<16,6>, 64*1> result_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
