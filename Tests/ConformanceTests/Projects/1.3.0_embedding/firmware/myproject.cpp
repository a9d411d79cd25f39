#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[5],
    result_t layer4_out[3]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer4_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<table_embeddings_t, 40>(e2, "e2.txt");
        nnet::load_weights_from_txt<fc_weight_t, 60>(w4, "w4.txt");
        nnet::load_weights_from_txt<fc_bias_t, 3>(b4, "b4.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[5*4];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    auto& layer3_out = layer2_out;
    nnet::embedding<input_t, layer2_t, config2>(in1, layer2_out, e2); // table

    nnet::dense<layer2_t, result_t, config4>(layer3_out, layer4_out, w4, b4); // fc

}

