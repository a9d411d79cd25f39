#include <iostream>

#include "myproject.h"
#include "parameters.h"

namespace trigger {

void myproject(
    x_t x[6],
    c_t layer8_out[3], b_oq_t layer7_out[4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=x complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer8_out complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=x,layer8_out,layer7_out 
    #pragma HLS PIPELINE

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<a_weight_t, 30>(w3, "w3.txt");
        nnet::load_weights_from_txt<a_bias_t, 5>(b3, "b3.txt");
        nnet::load_weights_from_txt<b_weight_t, 20>(w6, "w6.txt");
        nnet::load_weights_from_txt<b_bias_t, 4>(b6, "b6.txt");
        nnet::load_weights_from_txt<c_weight_t, 12>(w8, "w8.txt");
        nnet::load_weights_from_txt<c_bias_t, 3>(b8, "b8.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    a_iq_t layer2_out[6];
    #pragma HLS ARRAY_PARTITION variable=layer2_out complete dim=0

    a_t layer3_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer3_out complete dim=0

    a_relu_t layer4_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0

    b_iq_t layer5_out[5];
    #pragma HLS ARRAY_PARTITION variable=layer5_out complete dim=0

    b_t layer6_out[4];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    trigger::a_iq<x_t, a_iq_t>(x, layer2_out); // a_iq

    nnet::dense<a_iq_t, a_t, config3>(layer2_out, layer3_out, w3, b3); // a

    nnet::relu<a_t, a_relu_t, relu_config4>(layer3_out, layer4_out); // a_relu

    trigger::b_iq<a_relu_t, b_iq_t>(layer4_out, layer5_out); // b_iq

    nnet::dense<b_iq_t, b_t, config6>(layer5_out, layer6_out, w6, b6); // b

    trigger::b_oq<b_t, b_oq_t>(layer6_out, layer7_out); // b_oq

    nnet::dense<b_oq_t, c_t, config8>(layer7_out, layer8_out, w8, b8); // c

}

}
