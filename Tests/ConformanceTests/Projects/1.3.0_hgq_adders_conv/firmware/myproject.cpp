#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    in1_t in1[10*3],
    result_t layer6_out[4*2]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer6_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    c1_t layer3_out[5*4];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    c1_relu_t layer4_out[5*4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    nnet::conv1d_cl<config3, in1_t, c1_t>(in1, layer3_out); // c1

    nnet::relu<c1_t, c1_relu_t, relu_config4>(layer3_out, layer4_out); // c1_relu

    nnet::conv1d_cl<config6, c1_relu_t, result_t>(layer4_out, layer6_out); // c2

}

