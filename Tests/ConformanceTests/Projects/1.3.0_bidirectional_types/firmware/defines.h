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
typedef ap_fixed<16,6> both_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> both_forward_weight_t;
typedef ap_fixed<16,6> both_forward_recurrent_weight_t;
typedef ap_fixed<16,6> both_forward_bias_t;
typedef ap_fixed<16,6> both_forward_recurrent_bias_t;
typedef ap_fixed<16,6> both_backward_weight_t;
typedef ap_fixed<16,6> both_backward_recurrent_weight_t;
typedef ap_fixed<16,6> both_backward_bias_t;
typedef ap_fixed<16,6> both_backward_recurrent_bias_t;
typedef ap_fixed<18,8> both_table_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> ends_accum_t;
typedef ap_fixed<16,6> layer3_t;
typedef ap_fixed<16,6> ends_forward_weight_t;
typedef ap_fixed<16,6> ends_forward_recurrent_weight_t;
typedef ap_fixed<16,6> ends_forward_bias_t;
typedef ap_fixed<16,6> ends_forward_recurrent_bias_t;
typedef ap_fixed<16,6> ends_backward_weight_t;
typedef ap_fixed<16,6> ends_backward_recurrent_weight_t;
typedef ap_fixed<16,6> ends_backward_bias_t;
typedef ap_fixed<16,6> ends_backward_recurrent_bias_t;
typedef ap_fixed<18,8> ends_table_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<35,15> fc_accum_t;
typedef ap_fixed<35,15> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer4_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
