#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_int.h"
#include "ap_fixed.h"

#include "nnet_utils/nnet_helpers.h"
//hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_pooling.h"
#include "nnet_utils/nnet_pooling_stream.h"
 
//hls-fpga-machine-learning insert weights

//hls-fpga-machine-learning insert layer-config
// pool1
struct config2 : nnet::pooling1d_config {
    static const unsigned n_in = N_INPUT_1_1;
    static const unsigned n_out = N_OUTPUTS_2;
    static const unsigned n_filt = N_FILT_2;
    static const unsigned pool_width = 3;
    static const unsigned pad_left = 0;
    static const unsigned pad_right = 0;
    static const unsigned stride_width = 3;
    static const nnet::Pool_Op pool_op = nnet::Average;
    static const nnet::conv_implementation implementation = nnet::conv_implementation::linebuffer;
    static const unsigned reuse = 1;
    static const unsigned filt_width = 3;
    static const unsigned n_chan = N_FILT_2;
    typedef ap_fixed<16,6> accum_t;
};

// global
struct config3 : nnet::pooling1d_config {
    static const unsigned n_in = N_OUTPUTS_2;
    static const unsigned n_filt = N_FILT_2;
    static const nnet::Pool_Op pool_op = nnet::Average;
    static const unsigned reuse = 1;
    typedef ap_fixed<16,6> accum_t;
};


#endif
