#ifndef MYPROJECT_H_
#define MYPROJECT_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"

#include "defines.h"


// Prototype of top level function for C-synthesis
void myproject(
    input_t x[4*5], input2_t h[1*4], input3_t c[1*4],
    result_t layer4_out[4]
);

// hls-fpga-machine-learning insert emulator-defines


#endif
