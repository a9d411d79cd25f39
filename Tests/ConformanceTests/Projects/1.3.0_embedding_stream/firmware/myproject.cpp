#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    hls::stream<input_t> &in1,
    hls::stream<result_t> &layer4_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer4_out 
    #pragma HLS DATAFLOW

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

    hls::stream<layer2_t> layer2_out("layer2_out");
    #pragma HLS STREAM variable=layer2_out depth=5

    auto& layer3_out = layer2_out;
    nnet::embedding<input_t, layer2_t, config2>(in1, layer2_out, e2); // table

    nnet::dense<layer2_t, result_t, config4>(layer3_out, layer4_out, w4, b4); // fc

}

