#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    x_t x[6],
    c_t layer8_out[3], b_t layer6_out[4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=x complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=x,layer8_out,layer6_out 
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

    a_t layer3_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    a_relu_t layer4_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    nnet::dense_da_3<x_t, a_t>(x, layer3_out); // a

    nnet::relu<a_t, a_relu_t, relu_config4>(layer3_out, layer4_out); // a_relu

    nnet::dense_da_6<a_relu_t, b_t>(layer4_out, layer6_out); // b

    nnet::dense_da_8<b_t, c_t>(layer6_out, layer8_out); // c

}

