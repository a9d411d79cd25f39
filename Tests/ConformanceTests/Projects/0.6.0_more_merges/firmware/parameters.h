#ifndef PARAMETERS_H_
#define PARAMETERS_H_

#include "ap_int.h"
#include "ap_fixed.h"

#include "nnet_utils/nnet_helpers.h"
//hls-fpga-machine-learning insert includes
#include "nnet_utils/nnet_merge.h"
#include "nnet_utils/nnet_merge_stream.h"
 
//hls-fpga-machine-learning insert weights

//hls-fpga-machine-learning insert layer-config
// average
struct config3 : nnet::merge_config {
    static const unsigned n_elem = N_INPUT_1_1;
};

// dot
struct config4 : nnet::dot_config {
    static const unsigned n_in = 6;
    static const unsigned n_out = 1;
    static const unsigned reuse_factor = 1;
    typedef ap_fixed<16,6> accum_t;
    template<class x_T, class y_T, class res_T>
    using product = nnet::product::mult<x_T, y_T, res_T>;
};


#endif
