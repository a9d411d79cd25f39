#ifndef MYPROJECT_H_
#define MYPROJECT_H_

#include "ap_fixed.h"
#include "ap_int.h"
#include "hls_stream.h"

#include "defines.h"

namespace trigger {

// Prototype of top level function for C-synthesis
void myproject(
    x_t x[6],
    c_t layer8_out[3], b_oq_t layer7_out[4]
);

// hls-fpga-machine-learning insert emulator-defines

}

#endif
