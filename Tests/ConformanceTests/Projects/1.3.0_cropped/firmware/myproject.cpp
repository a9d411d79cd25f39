#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[8*7*2],
    result_t layer6_out[3*4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer6_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<conv_weight_t, 36>(w3, "w3.txt");
        nnet::load_weights_from_txt<conv_bias_t, 2>(b3, "b3.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[5*6*2];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer3_t layer3_out[3*4*2];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    auto& layer5_out = layer3_out;
    nnet::cropping2d_cl<input_t, layer2_t, config2>(in1, layer2_out); // crop

    nnet::conv_2d_cl<layer2_t, layer3_t, config3>(layer2_out, layer3_out, w3, b3); // conv

    nnet::cropping1d_cl<layer3_t, result_t, config6>(layer5_out, layer6_out); // ends

}

