#include <iostream>

#include "myproject.h"
#include "parameters.h"

void myproject(
    input_t in1[N_INPUT_1_1*N_INPUT_2_1],
    result_t layer3_out[N_FILT_3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer3_out 
    #pragma HLS PIPELINE 

#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        // hls-fpga-machine-learning insert load weights
        loaded_weights = true;
    }
#endif

    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[N_OUTPUTS_2*N_FILT_2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0
    nnet::pooling1d_cl<input_t, layer2_t, config2>(in1, layer2_out); // pool1

    nnet::global_pooling1d_cl<layer2_t, result_t, config3>(layer2_out, layer3_out); // global

}
