#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    hls::stream<in1_t> &in1,
    hls::stream<result_t> &layer6_out
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS INTERFACE axis port=in1,layer6_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<c1_weight_t, 36>(w3, "w3.txt");
        nnet::load_weights_from_txt<c1_bias_t, 4>(b3, "b3.txt");
        nnet::load_weights_from_txt<c2_weight_t, 16>(w6, "w6.txt");
        nnet::load_weights_from_txt<c2_bias_t, 2>(b6, "b6.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    hls::stream<c1_t> layer3_out("layer3_out");
    #pragma HLS STREAM variable=layer3_out depth=4

    hls::stream<c1_relu_t> layer4_out("layer4_out");
    #pragma HLS STREAM variable=layer4_out depth=4

    nnet::conv_1d_cl<in1_t, c1_t, config3>(in1, layer3_out, w3, b3); // c1

    nnet::relu<c1_t, c1_relu_t, relu_config4>(layer3_out, layer4_out); // c1_relu

    nnet::conv_1d_cl<c1_relu_t, result_t, config6>(layer4_out, layer6_out, w6, b6); // c2

}

