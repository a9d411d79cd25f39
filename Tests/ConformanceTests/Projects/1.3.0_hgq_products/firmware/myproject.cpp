#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    in1_t in1[3*4],
    result_t layer6_out[3*3]
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
        nnet::load_weights_from_txt<fc1_weight_t, 16>(w3, "w3.txt");
        nnet::load_weights_from_txt<fc1_bias_t, 12>(b3, "b3.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    fc1_iq_t layer2_out[3*4];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    fc1_t layer3_out[3*4];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    quantizer_t layer4_out[3*4];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    nnet::fc1_iq<in1_t, fc1_iq_t>(in1, layer2_out); // fc1_iq

    nnet::einsum_dense<fc1_iq_t, fc1_t, config3>(layer2_out, layer3_out, w3, b3); // fc1

    nnet::quantizer<in1_t, quantizer_t>(in1, layer4_out); // quantizer

    nnet::einsum<quantizer_t, fc1_t, result_t, config6>(layer4_out, layer3_out, layer6_out); // scores

}

