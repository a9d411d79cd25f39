#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 5
#define N_INPUT_2_1 6
#define N_TIME_STEPS_2 5
#define N_OUT_2 4
#define N_TIME_STEPS_3 5
#define N_OUT_3 3
#define N_OUT_4 3
#define N_LAYER_5 2


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> lstm_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> lstm_weight_t;
typedef ap_fixed<16,6> lstm_recurrent_weight_t;
typedef ap_fixed<16,6> lstm_bias_t;
typedef ap_fixed<16,6> lstm_recurrent_bias_t;
typedef ap_fixed<18,8> lstm_table_t;
typedef ap_uint<1> layer2_index;
typedef ap_fixed<16,6> gru_accum_t;
typedef ap_fixed<16,6> layer3_t;
typedef ap_fixed<16,6> gru_weight_t;
typedef ap_fixed<16,6> gru_recurrent_weight_t;
typedef ap_fixed<16,6> gru_bias_t;
typedef ap_fixed<16,6> gru_recurrent_bias_t;
typedef ap_fixed<18,8> gru_table_t;
typedef ap_uint<1> layer3_index;
typedef ap_fixed<16,6> last_accum_t;
typedef ap_fixed<16,6> layer4_t;
typedef ap_fixed<16,6> last_weight_t;
typedef ap_fixed<16,6> last_recurrent_weight_t;
typedef ap_fixed<16,6> last_bias_t;
typedef ap_fixed<16,6> last_recurrent_bias_t;
typedef ap_fixed<18,8> last_table_t;
typedef ap_uint<1> layer4_index;
typedef ap_fixed<16,6> fc_accum_t;
typedef ap_fixed<16,6> result_t;
typedef ap_fixed<16,6> fc_weight_t;
typedef ap_fixed<16,6> fc_bias_t;
typedef ap_uint<1> layer5_index;


#endif
