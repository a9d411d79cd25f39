#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[4*6],
    result_t layer5_out[3*4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer5_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<first_weight_t, 30>(w2, "w2.txt");
        nnet::load_weights_from_txt<first_bias_t, 20>(b2, "b2.txt");
        nnet::load_weights_from_txt<second_weight_t, 12>(w4, "w4.txt");
        nnet::load_weights_from_txt<second_bias_t, 15>(b4, "b4.txt");
        nnet::load_weights_from_txt<third_weight_t, 60>(w5, "w5.txt");
        nnet::load_weights_from_txt<third_bias_t, 12>(b5, "b5.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    layer2_t layer2_out[4*5];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    layer3_t layer3_out[4*5];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    layer4_t layer4_out[3*5];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    nnet::einsum_dense<input_t, layer2_t, config2>(in1, layer2_out, w2, b2); // first

    nnet::relu<layer2_t, layer3_t, relu_config3>(layer2_out, layer3_out); // relu1

    nnet::einsum_dense<layer3_t, layer4_t, config4>(layer3_out, layer4_out, w4, b4); // second

    nnet::einsum_dense<layer4_t, result_t, config5>(layer4_out, layer5_out, w5, b5); // third

}

