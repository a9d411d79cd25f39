#ifndef MYPROJECT_H_
#define MYPROJECT_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"

#include "defines.h"

// Prototype of top level function for C-synthesis
void myproject(
    input_t in1[N_INPUT_1_1],
    layer16_t layer16_out[N_LAYER_2], layer17_t layer17_out[N_LAYER_4], layer18_t layer18_out[N_LAYER_6], layer19_t layer19_out[N_LAYER_8], layer20_t layer20_out[N_LAYER_10], layer21_t layer21_out[N_LAYER_12], layer22_t layer22_out[N_LAYER_14]
);

#endif
