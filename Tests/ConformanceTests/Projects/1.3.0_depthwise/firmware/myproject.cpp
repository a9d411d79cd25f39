#include <iostream>

#include "myproject.h"
#include "parameters.h"


void myproject(
    input_t in1[6*6*2],
    result_t layer4_out[4*4*4]
) {

    // hls-fpga-machine-learning insert IO
    #pragma HLS ARRAY_RESHAPE variable=in1 complete dim=0
    #pragma HLS ARRAY_PARTITION variable=layer4_out complete dim=0
    #pragma HLS INTERFACE ap_vld port=in1,layer4_out 
    #pragma HLS DATAFLOW

    // hls-fpga-machine-learning insert load weights
#ifndef __SYNTHESIS__
    static bool loaded_weights = false;
    if (!loaded_weights) {
        nnet::load_weights_from_txt<sep_depthwise_weight_t, 18>(w6, "w6.txt");
        nnet::load_weights_from_txt<bias6_t, 2>(b6, "b6.txt");
        nnet::load_weights_from_txt<sep_pointwise_weight_t, 8>(w7, "w7.txt");
        nnet::load_weights_from_txt<sep_pointwise_bias_t, 4>(b7, "b7.txt");
        loaded_weights = true;    }
#endif
    // ****************************************
    // NETWORK INSTANTIATION
    // ****************************************

    // hls-fpga-machine-learning insert layers

    sep_depthwise_result_t layer6_out[4*4*2];
    #pragma HLS ARRAY_PARTITION variable=layer6_out complete dim=0

    layer7_t layer7_out[4*4*4];
    #pragma HLS ARRAY_PARTITION variable=layer7_out complete dim=0

    nnet::depthwise_conv_2d_cl<input_t, sep_depthwise_result_t, config6>(in1, layer6_out, w6, b6); // sep_depthwise

    nnet::pointwise_conv_2d_cl<sep_depthwise_result_t, layer7_t, config8>(layer6_out, layer7_out, w7, b7); // sep_pointwise

    nnet::relu<layer7_t, result_t, relu_config4>(layer7_out, layer4_out); // relu

}

