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
typedef nnet::array<ap_fixed<16,6>, 6*1> input_t;
typedef nnet::array<ap_fixed<16,6>, 5*1> input2_t;
typedef ap_fixed<16,6> fa_accum_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer3_t;
typedef ap_fixed<16,6> fa_weight_t;
typedef ap_fixed<16,6> fa_bias_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<16,6> fb_accum_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer5_t;
typedef ap_fixed<16,6> fb_weight_t;
typedef ap_fixed<16,6> fb_bias_t;
typedef ap_uint<1> layer5_index;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer7_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer8_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer9_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer10_t;
typedef nnet::array<ap_fixed<16,6>, 6*1> layer11_t;
typedef nnet::array<ap_fixed<16,6>, 12*1> layer12_t;
typedef ap_fixed<16,6> fc_accum_t;
typedef nnet::array<ap_fixed<16,6>, 4*1> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer13_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
