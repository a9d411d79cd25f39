#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[4*6],
    result_t layer3_out[4*6]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer3_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<norm_scale_t, 6>(s2, "s2.txt");
        nnet::load_weights_from_txt<norm_bias_t, 6>(b2, "b2.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[4*6];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    nnet::layernormalize<input_t, layer2_t, config2>(in1, layer2_out, s2, b2); // norm

    nnet::relu<layer2_t, result_t, relu_config3>(layer2_out, layer3_out); // relu

}

