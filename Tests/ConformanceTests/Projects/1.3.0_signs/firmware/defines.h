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
typedef ap_uint<1> weight2_t;
typedef ap_fixed<6,3> bias2_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> model_default_t;
typedef ap_uint<1> layer12_t;
typedef ap_fixed<16,6> threshold12_t;
typedef ap_fixed<16,6> fc2_accum_t;
typedef ap_fixed<16,6> layer6_t;
typedef ap_uint<1> weight6_t;
typedef ap_uint<1> bias6_t;
typedef ap_uint<1> layer6_index;
typedef ap_int<2> layer13_t;
typedef ap_fixed<16,6> threshold_hi_13_t;
typedef ap_fixed<16,6> threshold_lo_13_t;
typedef ap_fixed<16,6> fc3_accum_t;
typedef ap_fixed<16,6> result_t;
typedef ap_int<2> weight10_t;
typedef ap_fixed<6,3> bias10_t;
typedef ap_uint<1> layer10_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
