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
typedef ap_fixed<10,4> x_t;
typedef ap_fixed<9,4> a_iq_t;
typedef ap_fixed<14,5> a_accum_t;
typedef ap_fixed<11,5> a_t;
typedef ap_fixed<7,2> a_weight_t;
typedef ap_fixed<7,2> a_bias_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<10,4> a_relu_t;
typedef ap_fixed<18,8> a_relu_table_t;
typedef ap_fixed<9,4> b_iq_t;
typedef ap_fixed<15,5> b_accum_t;
typedef ap_fixed<8,4> b_t;
typedef ap_fixed<7,2> b_weight_t;
typedef ap_ufixed<5,1> b_bias_t;
typedef ap_uint<1> layer6_index;
typedef ap_fixed<7,4> b_oq_t;
typedef ap_fixed<13,5> c_accum_t;
typedef ap_fixed<13,5> c_t;
typedef ap_fixed<6,1> c_weight_t;
typedef ap_ufixed<2,32> c_bias_t;
typedef ap_uint<1> layer8_index;

// hls-fpga-machine-learning insert emulator-defines


#endif
