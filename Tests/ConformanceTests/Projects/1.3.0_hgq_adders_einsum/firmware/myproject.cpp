#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    in1_t in1[3*4],
    result_t layer6_out[3*2]
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
        nnet::load_weights_from_txt<fc1_bias_t, 15>(b3, "b3.txt");
        nnet::load_weights_from_txt<fc2_bias_t, 6>(b6, "b6.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    fc1_t layer3_out[3*5];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    fc1_relu_t layer4_out[3*5];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    nnet::einsum_dense<in1_t, fc1_t, config3>(in1, layer3_out, b3); // fc1

    nnet::relu<fc1_t, fc1_relu_t, relu_config4>(layer3_out, layer4_out); // fc1_relu

    nnet::einsum_dense<fc1_relu_t, result_t, config6>(layer4_out, layer6_out, b6); // fc2

}

