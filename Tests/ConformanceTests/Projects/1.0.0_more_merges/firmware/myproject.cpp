#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[N_INPUT_1_1], input2_t in2[N_INPUT_1_2],
    result_t layer4_out[OUT_DOT_4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_RESHAPE variable=in2 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,in2,layer4_out 
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

    layer3_t layer3_out[N_INPUT_1_1];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0
    nnet::average<input_t, input2_t, layer3_t, config3>(in1, in2, layer3_out); // average

    nnet::dot1d<layer3_t, input2_t, result_t, config4>(layer3_out, in2, layer4_out); // dot

}

