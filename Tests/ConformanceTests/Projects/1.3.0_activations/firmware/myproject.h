#ifndef MYPROJECT_H_
#define MYPROJECT_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"

#include "defines.h"


// Prototype of top level function for C-synthesis
void myproject(
    input_t in1[5],
    layer16_t layer16_out[6], layer17_t layer17_out[6], layer18_t layer18_out[6], layer19_t layer19_out[6], layer20_t layer20_out[6], layer21_t layer21_out[6], layer22_t layer22_out[6]
);

// hls-fpga-machine-learning insert emulator-defines


#endif
