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
typedef ap_fixed<16,6> fc_hard_sigmoid_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> fc_hard_sigmoid_weight_t;
typedef ap_fixed<16,6> fc_hard_sigmoid_bias_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> fc_prelu_accum_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> fc_prelu_weight_t;
typedef ap_fixed<16,6> fc_prelu_bias_t;
typedef ap_uint<1> layer4_index;
typedef ap_fixed<16,6> layer6_t;
typedef ap_ufixed<16,0> slope6_t;
typedef ap_ufixed<2,0> shift6_t;
typedef ap_fixed<18,8> hard_sigmoid_table_t;
typedef ap_fixed<16,6> layer7_t;
typedef ap_fixed<16,6> prelu_param_t;
typedef ap_fixed<18,8> prelu_table_t;

// hls-fpga-machine-learning insert emulator-defines


#endif
