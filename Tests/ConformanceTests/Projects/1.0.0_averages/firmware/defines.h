#ifndef DEFINES_H_
#define DEFINES_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "nnet_utils/nnet_types.h"
#include <cstddef>
#include <cstdio>

// hls-fpga-machine-learning insert numbers
#define N_INPUT_1_1 6
#define N_INPUT_2_1 9
#define N_INPUT_3_1 3
#define OUT_HEIGHT_2 3
#define OUT_WIDTH_2 3
#define N_FILT_2 3
#define N_FILT_3 3


// hls-fpga-machine-learning insert layer-precision
typedef ap_fixed<16,6> input_t;
typedef ap_fixed<16,6> pool1_accum_t;
typedef ap_fixed<16,6> layer2_t;
typedef ap_fixed<16,6> global_accum_t;
typedef ap_fixed<16,6> result_t;


#endif
